// Starts the window.
import "$lib/shared/tokens.css";
import "$lib/shared/base.css";
import "$lib/shared/layout.css";
import "$lib/shared/narrow.css";
import { mount } from "svelte";
import App from "./App.svelte";

// Every module has loaded; from here on nothing can change what all objects inherit.
Object.freeze(Object.prototype);

const target = document.getElementById("app");
if (!target) throw new Error("index.html has an element with the id app");
mount(App, { target });
