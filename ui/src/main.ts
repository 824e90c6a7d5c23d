// Starts the window.
import "$lib/shared/tokens.css";
import "$lib/shared/base.css";
import { mount } from "svelte";
import App from "./App.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has an element with the id app");
mount(App, { target });
