import { describe, expect, it } from "vitest";
import { answerChannels } from "$lib/ipc/stub-channels";
import type { ConnectionKindView } from "$lib/ipc/types";
import { find } from "$lib/shared/messages";
import { inputOf, readSetup } from "./setup";

const kinds = answerChannels("connection_kinds", {}) as ConnectionKindView[];

describe("a set-up file", () => {
  it("fills in the fields of its kind, and no other", () => {
    const text = JSON.stringify({
      channel: "stripe",
      base: "http://127.0.0.1:4242",
      fields: { account_id: "acct_1", secret_key: " rk_test ", note: "x" },
    });
    const file = readSetup(text);
    const stripe = kinds.find(({ code }) => code === file?.channel);
    if (!file || !stripe) throw new Error("not read");
    expect(inputOf(stripe, file.base, file.fields)).toEqual({
      kind: "stripe",
      base: "http://127.0.0.1:4242",
      fields: [
        ["account_id", "acct_1"],
        ["secret_key", "rk_test"],
      ],
      files: [],
    });
    const picked = { secret_key: { field: "secret_key", number: 7, name: "key.txt" } };
    const input = inputOf(stripe, "", file.fields, picked);
    expect([input.fields, input.files]).toEqual([
      [["account_id", "acct_1"]],
      [["secret_key", 7]],
    ]);
  });

  it("that is none is refused whole", () => {
    for (const text of [
      "",
      "null",
      "[]",
      '{"channel":"stripe"}',
      '{"channel":1,"fields":{}}',
      '{"channel":"stripe","fields":{"secret_key":1}}',
    ]) {
      expect(readSetup(text), text).toBeUndefined();
    }
  });

  it("has no key in PEM beside a key file, and does not keep what was typed there", () => {
    const kind = kinds.find(({ code }) => code === "union_pay");
    if (!kind) throw new Error("no such kind");
    const typed = { mer_id: "7772", private_key_pem: "CANARY", sign_cert_pem: "CANARY" };
    const pfx = { field: "pfx", number: 1, name: "acp_sign.pfx" };
    const names = (values: Record<string, string>, picked = {}) =>
      inputOf(kind, "", values, picked).fields.map(([name]) => name);
    expect(names(typed)).toEqual(["mer_id", "sign_cert_pem", "private_key_pem"]);
    const filed = { ...typed, pfx_password: "000000" };
    expect(names(filed, { pfx })).toEqual(["mer_id", "pfx_password"]);
    expect(inputOf(kind, "", filed, { pfx }).files).toEqual([["pfx", 1]]);
  });

  it("has fields that have a name in both languages", () => {
    for (const { name } of kinds.flatMap(({ fields }) => fields)) {
      expect(find("zh", `channels.field.${name}`), name).toBeTruthy();
      expect(find("en", `channels.field.${name}`), name).toBeTruthy();
    }
  });
});
