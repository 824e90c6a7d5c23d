import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

/** Areas may not reach the program behind the window, only `client.ts` may. */
const onlyClient = {
  paths: [],
  patterns: [{ group: ["@tauri-apps/*"], message: "Call a function of $lib/ipc/client instead." }],
};

/** Text that people read comes from the message catalogue. */
const noText = {
  meta: { type: "problem", schema: [], messages: { text: "Put this text into the catalogue." } },
  create: (context) => ({
    SvelteText(node) {
      // Keys are written as they stand on the keyboard; a style sheet is no text.
      const within = node.parent?.name?.name ?? node.parent?.type;
      const spoken = within !== "kbd" && within !== "style";
      if (spoken && /\p{L}{2,}/u.test(node.value)) context.report({ node, messageId: "text" });
    },
    SvelteAttribute(node) {
      const spoken = ["aria-label", "title", "placeholder", "alt", "label"];
      const literal = node.value.some((part) => part.type === "SvelteLiteral" && part.value);
      if (spoken.includes(node.key.name) && literal) context.report({ node, messageId: "text" });
    },
  }),
};

export default ts.config(
  { ignores: ["dist", "node_modules", "src/lib/ipc/bindings"] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    plugins: { house: { rules: { "no-text": noText } } },
    rules: {
      "no-restricted-imports": ["error", onlyClient],
      "max-lines": ["error", { max: 400, skipBlankLines: true }],
      // TypeScript finds undefined names, and knows more of them.
      "no-undef": "off",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig },
    },
  },
  { files: ["**/*.svelte"], rules: { "house/no-text": "error" } },
  { files: ["src/lib/ipc/client.ts"], rules: { "no-restricted-imports": "off" } },
  {
    rules: {
      // The router is a hash; its links are plain.
      "svelte/no-navigation-without-resolve": "off",
      // A table that no template reads needs no reactive twin.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
);
