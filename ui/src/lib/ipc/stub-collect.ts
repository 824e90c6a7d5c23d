// A sample counter whose buyer pays after some seconds; never part of a release build.
import type { Amount, CollectionView } from "./types";

function cny(minor: number): Amount {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  return { minor, currency: "CNY", major: `${digits.slice(0, -2)}.${digits.slice(-2)}` };
}

const SVG =
  '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29">' +
  '<rect width="29" height="29" fill="#fff"/><path fill="#000" d="' +
  Array.from({ length: 29 * 29 }, (_, at) => {
    const [x, y] = [at % 29, Math.floor(at / 29)];
    const eye = [
      [2, 2],
      [20, 2],
      [2, 20],
    ].some(([left = 0, top = 0]) => x >= left && x < left + 7 && y >= top && y < top + 7);
    return eye || ((x * 7 + y * 13 + x * y) % 5 < 2 && x > 1 && y > 1 && x < 27 && y < 27)
      ? `M${x} ${y}h1v1h-1z`
      : "";
  }).join("") +
  '"/></svg>';

function collection(id: number, minor: number, state: string, note: string): CollectionView {
  const paid = state === "paid";
  return {
    id,
    orderId: `C20260417ABCDEFGHJKLMNPQRST${String(id).padStart(2, "0")}`,
    channel: id % 3 === 2 ? "alipay" : "wechat_pay",
    amount: cny(minor),
    note,
    state,
    isFinal: ["paid", "closed", "refused"].includes(state),
    hasCode: state === "waiting",
    trouble: state === "unknown" ? "timed_out" : "",
    troubleDetail: "",
    madeAt: `2026-04-17 1${id % 9}:2${id % 6}:11`,
    madeBy: "Li",
    askedAt: `2026-04-17 1${id % 9}:2${id % 6}:31`,
    paidAt: paid ? `2026-04-17 1${id % 9}:2${id % 6}:29` : null,
    channelRef: paid ? `42000090202604170000000${id}` : "",
    nextInMs: state === "waiting" ? 2000 : null,
    leftMs: 583_000,
  };
}

const made: CollectionView[] = [
  collection(6, 2800, "unknown", "抹茶拿铁"),
  collection(5, 4600, "paid", "拿铁 × 2"),
  collection(4, 1800, "closed", ""),
  collection(3, 12_850, "paid", "蛋糕"),
  collection(2, 2300, "paid", ""),
];
let asked = 0;

function change(id: number, state: string) {
  const at = made.findIndex((each) => each.id === id);
  const old = made[at];
  if (!old) return null;
  const next = { ...collection(id, old.amount.minor, state, old.note), channel: old.channel };
  made[at] = next;
  return next;
}

/** Answers a command; undefined when it is none of these. */
export function answerCollect(command: string, args: Record<string, unknown>): unknown {
  const id = Number(args["id"]);
  switch (command) {
    case "counter_page": {
      const counter = { name: "", accountNo: "1900000109", practice: true };
      const paid = made.filter(({ state }) => state === "paid");
      return {
        counters: [
          { ...counter, connection: 1, channel: "wechat_pay" },
          { ...counter, connection: 2, channel: "alipay" },
        ],
        today: [...made],
        open: made.filter(({ isFinal }) => !isFinal),
        paid: [cny(paid.reduce((all, { amount }) => all + amount.minor, 0))],
        canPractice: true,
      };
    }
    case "begin_collection": {
      asked = 0;
      const minor = Math.round(Number(args["amount"]) * 100) || 100;
      const begun = {
        ...collection(made.length + 2, minor, "waiting", String(args["note"])),
        channel: args["connection"] === 2 ? "alipay" : "wechat_pay",
      };
      made.unshift(begun);
      return begun;
    }
    case "ask_collection": {
      asked += 1;
      const known = made.find((each) => each.id === id);
      return asked > 4 && known?.state === "waiting" ? change(id, "paid") : (known ?? null);
    }
    case "give_up_collection":
      return change(id, "closed");
    case "collection_code":
      return SVG;
    case "practice_counter":
      return null;
    default:
      return undefined;
  }
}
