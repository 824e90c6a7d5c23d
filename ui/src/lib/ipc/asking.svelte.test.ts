import { flushSync } from "svelte";
import { expect, it } from "vitest";
import { asking } from "./asking.svelte";

it("does not ask again because somebody asks", () => {
  let runs = 0;
  const stop = $effect.root(() => {
    $effect(() => {
      runs += 1;
      asking.begins();
    });
  });
  flushSync();
  asking.begins();
  flushSync();
  expect(runs).toBe(1);
  expect(asking.any).toBe(true);
  asking.ends();
  asking.ends();
  expect(asking.any).toBe(false);
  stop();
});
