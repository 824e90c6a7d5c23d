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

// The frame that guards the messages is nothing to be read or walked to.
addEventListener("load", () => {
  const guard = document.getElementById("__tauri_isolation__");
  guard?.setAttribute("title", document.title);
  guard?.setAttribute("aria-hidden", "true");
  guard?.setAttribute("tabindex", "-1");
});
