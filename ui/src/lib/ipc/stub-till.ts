// A sample till; never part of a release build.
import type { Amount, CountView, TillDetail, TillInput, TillRecordView } from "./types";

function cny(minor: number): Amount {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  const major = `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  return { minor, currency: "CNY", major };
}

let made = 0;
function record(
  act: string,
  tender: string,
  minor: number,
  rest: Partial<TillRecordView> = {},
): TillRecordView {
  made += 1;
  return {
    number: `T20260417-${String(made).padStart(4, "0")}`,
    act,
    tender,
    account: tender === "pos_slip" ? "T0001" : "1",
    amount: cny(minor),
    at: `2026-04-17 ${String(9 + made).padStart(2, "0")}:2${made % 6}:11`,
    order: "",
    of: "",
    reason: "",
    facts: [],
    state: "done",
    givenBack: null,
    bankDay: null,
    payoutId: null,
    counted: null,
    attachments: 0,
    document: "77",
    lineNo: 2,
    fileDocument: null,
    fileLineNo: null,
    madeAt: `2026-04-17 ${String(9 + made).padStart(2, "0")}:2${made % 6}:20`,
    madeBy: "Li",
    can: ["refund", "reversal"],
    ...rest,
  };
}

const WORTHS = [10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 1];

function weigh(notes: string): CountView {
  let all = 0;
  const counted = notes
    .split(" ")
    .filter(Boolean)
    .map((part) => {
      const [worth = "0", pieces = "0"] = part.split("x");
      const one = Math.round(Number(worth) * 100);
      const together = one * Number(pieces);
      all += together;
      return { worth: cny(one), pieces: Number(pieces), sum: cny(together) };
    });
  return { expected: cny(123_650), counted: cny(all), over: cny(all - 123_650), notes: counted };
}

const fact = (name: string, text: string) => ({ name, text });
const records: TillRecordView[] = [
  record("float", "cash", 50_000, { can: ["reversal"], facts: [fact("note", "备用金")] }),
  record("receipt", "cash", 12_850, { order: "20260417-5001", attachments: 1 }),
  record("receipt", "bank_transfer", 380_000, {
    state: "on_its_way",
    facts: [fact("payer", "杭州某某贸易有限公司"), fact("bank_ref", "2026041778899")],
    payoutId: "bank_transfer:1:T20260417-0003",
  }),
  record("receipt", "cheque", 500_000, {
    state: "in_hand",
    facts: [fact("cheque_no", "31087766"), fact("due", "2026-05-01"), fact("bank", "工商银行")],
    can: ["deposit", "bounce", "reversal"],
  }),
  record("receipt", "pos_slip", 26_800, {
    state: "in_hand",
    facts: [fact("batch", "000123"), fact("last4", "1234")],
  }),
  record("card", "cash", 100_000, { facts: [fact("card", "8801")], can: ["reversal"] }),
  record("receipt", "prepaid_card", 12_000, {
    facts: [fact("card", "8801")],
    state: "partly_back",
    givenBack: cny(2_000),
  }),
  record("refund", "cash", 850, { order: "20260417-5001", can: ["reversal"] }),
  record("count", "cash", 123_450, {
    reason: "找零多给两元",
    counted: { ...weigh("100.00x12 20.00x1 10.00x1 1.00x4 0.50x1"), over: cny(-200) },
    can: [],
  }),
];

function detail(found: TillRecordView): TillDetail {
  const picture = { id: 1, name: "小票.png", media: "image/png", sizeBytes: 68, addedBy: "Li" };
  const paper = { id: 2, name: "发票.pdf", media: "application/pdf", sizeBytes: 9, addedBy: "Li" };
  return {
    record: found,
    attachments: found.attachments > 0 ? [picture, paper] : [],
    later: records.filter(({ of }) => of === found.number),
  };
}

const PNG =
  "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8" +
  "cfc000000301010018dd8db00000000049454e44ae426082";

/** Answers a command; undefined when it is none of these. */
export function answerTill(command: string, args: Record<string, unknown>): unknown {
  const first = records[0] as TillRecordView;
  switch (command) {
    case "till_page": {
      const held = { records: 4, countedAt: null };
      const shown = [...records].reverse();
      return {
        drawers: [
          { ...held, tender: "cash", account: "1", inHand: cny(123_450), countedAt: first.at },
          { ...held, tender: "pos_slip", account: "T0001", inHand: cny(26_800) },
          { ...held, tender: "cheque", account: "1", inHand: cny(500_000) },
        ],
        cards: [{ card: "8801", balance: cny(90_000), lastAt: first.at }],
        records: args["tender"] ? shown.filter((row) => row.tender === args["tender"]) : shown,
        more: false,
        denominations: WORTHS.map(cny),
        today: "2026-04-17",
      };
    }
    case "till_card":
      return {
        card: "8801",
        balance: cny(90_000),
        filled: cny(100_000),
        spent: cny(10_000),
        moves: [
          ["T20260417-0008", "refund", 2_000, 90_000],
          ["T20260417-0007", "receipt", -12_000, 88_000],
          ["T20260417-0006", "card", 100_000, 100_000],
        ].map(([number, act, amount, balance]) => ({
          number,
          act,
          at: first.at,
          amount: cny(Number(amount)),
          balance: cny(Number(balance)),
          order: "",
          reason: "",
        })),
      };
    case "save_day_sheet":
      return null;
    case "till_record":
      return detail(records.find(({ number }) => number === args["number"]) ?? first);
    case "record_at_till": {
      const input = args["input"] as TillInput;
      const about = records.find(({ number }) => number === input.of);
      const minor = Math.round(Number(input.amount) * 100) || (about?.amount.minor ?? 100);
      const fresh = record(input.act, input.tender ?? about?.tender ?? "cash", minor, {
        order: input.order,
        of: input.of,
        reason: input.reason,
        facts: input.facts,
      });
      records.push(fresh);
      return detail(fresh);
    }
    case "weigh_till":
      return weigh(String(args["notes"]));
    case "attach_to_record":
      return detail({ ...first, attachments: 1 });
    case "attachment_bytes":
      return PNG;
    case "save_attachment":
      return null;
    default:
      return undefined;
  }
}
