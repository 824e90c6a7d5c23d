import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  resolve: {
    alias: {
      $lib: at("./src/lib"),
      // The message catalogue is shared with the Rust core, so it lives there.
      $messages: at("../crates/messages/messages"),
    },
  },
  // A constant, so that a release build drops the samples altogether.
  define: { STUBBED: JSON.stringify(process.env["VITE_STUB"] === "1") },
  server: { port: 5173, strictPort: true, fs: { allow: [".", "../crates/messages/messages"] } },
  build: {
    target: ["es2022", "safari16"],
    // The policy of the window allows no inline script, style or data address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { environment: "jsdom", setupFiles: ["src/tests.setup.ts"], include: ["src/**/*.test.ts"] },
});
