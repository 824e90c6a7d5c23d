import { expect, test } from "vitest";
import type { ConnectionView } from "$lib/ipc/types";
import { firstAsked, isOffline, nextTold } from "./next";

const connection = (more: Partial<ConnectionView>): ConnectionView =>
  ({ paused: false, offline: false, nextAt: "2026-04-18 10:03:20", ...more }) as ConnectionView;
const ON = { fetches: true, fetchesMetered: false, metered: false };

test("the connection that is asked first says when it is next", () => {
  const soon = connection({ nextAt: "2026-04-18 09:58:00" });
  expect(firstAsked([connection({}), soon, connection({ nextAt: null })])).toBe(soon);
  expect(nextTold(ON, [connection({}), soon])).toMatchObject({ held: false });
});

test("nothing is promised while it is off or nobody is to be asked", () => {
  expect(nextTold({ ...ON, fetches: false }, [connection({})])).toBeUndefined();
  expect(nextTold(ON, [connection({ paused: true, nextAt: null })])).toBeUndefined();
});

test("a metered line and a lost one are told as what is waited for", () => {
  expect(nextTold({ ...ON, metered: true }, [connection({})])?.held).toBe(true);
  const any = { ...ON, metered: true, fetchesMetered: true };
  expect(nextTold(any, [connection({})])?.held).toBe(false);
  expect(nextTold(ON, [connection({ offline: true })])?.held).toBe(true);
  expect(isOffline([connection({ offline: true }), connection({})])).toBe(false);
});
