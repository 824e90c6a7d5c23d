import { beforeEach, describe, expect, it } from "vitest";
import { answerChannels } from "$lib/ipc/stub-channels";
import type { ConnectionView, KeysView } from "$lib/ipc/types";
import { words } from "$lib/shared/words.svelte";
import { clockTold, groupsOf, keysTold, stateTold, troubleName } from "./health";

const all = () => answerChannels("list_connections", {}) as ConnectionView[];
const keys = (daysLeft: number | null): KeysView => {
  const until = daysLeft === null ? null : "2026-05-01T00:00:00Z";
  const rest = { id: 1, state: "signs", addedAt: "", addedBy: "", health: "" };
  return { ...rest, until, daysLeft };
};

beforeEach(() => {
  words.language = "en";
});

describe("the health of a connection", () => {
  it("warns of the end of keys at 90, 30 and 7 days, and says when it is over", () => {
    const tones = [null, 91, 90, 31, 30, 8, 7, 0, -1].map((days) => keysTold(keys(days)).tone);
    expect(tones).toEqual([
      "good",
      "good",
      "calm",
      "calm",
      "warn",
      "warn",
      "bad",
      "bad",
      "bad",
    ]);
    expect(keysTold(keys(1)).text).toBe("Ends in 1 day");
    expect(keysTold(keys(-1)).text).toContain("ended on");
  });

  it("tells the worst first", () => {
    const [wechat, alipay, stripe] = all();
    if (!wechat || !alipay || !stripe) throw new Error("samples");
    expect(stateTold(stripe).text).toBe("Paused");
    expect(stateTold(alipay).text).toBe("Working");
    expect(stateTold(wechat).tone).toBe("warn");
    expect(stateTold({ ...wechat, checkCode: "clock" }).tone).toBe("bad");
    expect(stateTold({ ...alipay, keys: [keys(-3)] }).tone).toBe("bad");
  });

  it("tells equal troubles once", () => {
    const [wechat] = all();
    expect(groupsOf(wechat?.troubles ?? []).map(({ more }) => more)).toEqual([1]);
    expect(troubleName("refused", "SIGN_ERROR")).toMatch(/\(SIGN_ERROR\)$/);
    expect(troubleName("key_differs", "app_cert_pem")).toMatch(/\(Certificate of the app\)$/);
  });

  it("says which way the clock is off", () => {
    const checked = { fine: true, code: "", detail: "", says: "", streams: [] };
    expect(clockTold({ ...checked, clockOffS: 0 })).toBe("");
    expect(clockTold({ ...checked, clockOffS: 300 })).toContain("300 seconds behind");
    expect(clockTold({ ...checked, clockOffS: -1 })).toContain("1 second ahead");
  });
});
