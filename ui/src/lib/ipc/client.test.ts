import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { describeFailure } from "./failure";

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /\.(svelte|ts)$/.test(file) && !file.endsWith(".test.ts"));
const textOf = (file: string) => readFileSync(join("src", file), "utf8");

it("has one file that reaches the program behind the window", () => {
  const reaching = files.filter((file) => /@tauri-apps\/|__TAURI/.test(textOf(file)));
  expect(reaching).toEqual(["lib/ipc/client.ts"]);
});

it("keeps nothing in the web view's own storage", () => {
  const keeping = files.filter((file) => /localStorage|sessionStorage|indexedDB|cookie/.test(textOf(file)));
  expect(keeping).toEqual([]);
});

it("lets areas know the shared parts only", () => {
  for (const file of files.filter((each) => each.startsWith("lib/"))) {
    const area = file.split("/")[1];
    for (const [, other] of textOf(file).matchAll(/"\$lib\/([a-z]+)\//g)) {
      expect(["ipc", "shared", area], file).toContain(other);
    }
    if (area === "shared") expect(textOf(file), file).not.toMatch(/\$lib\//);
  }
});

it("calls exactly the commands the program allows", () => {
  const call = /call<[^>]*(?:<[^>]*>)?[^>]*>\(\s*"(\w+)"/g;
  const clients = files.filter((file) => /^lib\/ipc\/client[^/]*\.ts$/.test(file));
  const called = clients.flatMap((file) => [...textOf(file).matchAll(call)]);
  const manifest = readFileSync("../src-tauri/src/commands/list.rs", "utf8");
  const allowed = [...manifest.matchAll(/^ {16}(\w+),$/gm)].map((match) => match[1]);
  expect(called.map((match) => match[1]).sort()).toEqual(allowed.sort());
});

it("claims nothing about money when it does not know", () => {
  expect(describeFailure(new Error("gone")).moneyMoved).toBe("unknown");
  const known = { code: "book_busy", message: "m", moneyMoved: "no", nextStep: "n" };
  expect(describeFailure(known)).toEqual(known);
});
