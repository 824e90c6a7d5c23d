// Sample answers for working on pages in a browser; never part of a release build.
// The payout is the worked example of the manual: 344.14 paid, nothing unexplained.
import { answerChannels } from "./stub-channels";
import { answerCollect } from "./stub-collect";
import { answerTill } from "./stub-till";
import { answerOrders } from "./stub-orders";
import { answerLists } from "./stub-lists";
import type {
  Amount,
  BookStatus,
  BreakRow,
  DecideInput,
  HomeView,
  ImportFile,
  PayoutFilter,
  PayoutLine,
  PayoutRow,
  PayoutView,
  Preferences,
} from "./types";
import { FEES, PREVIEW, RULES } from "./stub-decisions";
import { sampleHome } from "./stub-home";
import { answerJobs, begin } from "./stub-jobs";
import { found } from "./stub-search";

function cny(minor: number): Amount {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  const major = `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  return { minor, currency: "CNY", major };
}

const query = new URLSearchParams(location.search);
let opened = !query.has("locked");
const company = "青竹文具店";
const preferences: Preferences = {
  language: query.get("lang") ?? "zh",
  theme: query.get("theme") ?? "auto",
  statementLanguage: "",
  density: query.get("density") ?? "comfortable",
  person: "Li",
  quiet: false,
  proxy: "",
  zoom: 100,
};

const PARTS: [string, number, number][] = [
  ["sales", 42998, 5],
  ["refunds", -5000, 1],
  ["fees", -259, 5],
  ["fees_returned", 30, 1],
  ["commission_split", -1280, 1],
  ["held", -3975, 1],
  ["released", 2000, 1],
  ["account_charges", -100, 1],
];

function row(index: number): PayoutRow {
  const golden = index === 2;
  const question = index % 9 === 1;
  const paid = golden ? 34414 : 90_000 + ((index * 7919) % 60_000) * 7;
  const gross = golden ? 42998 : Math.round(paid * 1.02);
  const date = new Date(Date.UTC(2026, 3, 17 - index)).toISOString().slice(0, 10);
  return {
    id: golden ? "golden" : `p${index}`,
    channel: index % 4 === 3 ? "alipay" : "wechat_pay",
    accountNo: index % 4 === 3 ? "2088100000001" : "1900000109",
    number: `TX2026${String(41500 - index)}`,
    date,
    bankDate: index === 0 ? null : date,
    promisedDate: date,
    gross: cny(gross),
    takenOff: cny(paid - gross),
    paid: cny(paid),
    unexplained: cny(question ? -100 : 0),
    status: index === 0 ? "waiting" : question ? "question" : "explained",
    verdict: index === 0 ? "waiting" : "complete",
    seen: null,
  };
}

const ROWS = Array.from({ length: 730 }, (_, index) => row(index));

const KINDS: [string, string, number, string][] = [
  ["unknown_row", "classify", -100, "资金账单里有未识别的业务类型，金额暂列未解释。"],
  ["payout_short", "claim", -2000, "银行收到的金额少于提现金额。"],
  ["fee_mismatch", "claim", -35, "收取的手续费与费率算出的不同，相差超过一分钱。"],
  ["order_without_payment", "check_order", -4680, "订单写着已支付，但那一天的交易账单里没有它的支付。"],
  ["rounding_difference", "accept_rounding", 1, "只差一分钱，另一种舍入方法可以解释它。"],
  ["payout_late", "accept_late", 0, "钱到银行的日期晚于约定的日期。"],
];

function breakRow(index: number): BreakRow {
  const [kind, suggestion, minor, reason] = KINDS[index % KINDS.length] ?? ["", "", 0, ""];
  const unknown = kind === "unknown_row";
  return {
    id: `b${index}`,
    kind,
    records: [unknown ? "fund:50300806962026041400000001" : `payout:10800012826041${index}`],
    field: unknown ? "kind" : "amount",
    expected: unknown ? "known" : "40762",
    found: unknown ? "unknown" : String(40762 + minor),
    expectedAmount: unknown ? null : cny(40762),
    foundAmount: unknown ? null : cny(40762 + minor),
    effect: cny(minor),
    day: new Date(Date.UTC(2026, 3, 14 - (index % 60))).toISOString().slice(0, 10),
    ageDays: 1 + (index % 60),
    account: "wechat_pay:1900000109",
    reason,
    state: "open",
    act: "",
    decidedBy: "",
    decidedAt: null,
    why: "",
    notes: 0,
    suggestion,
    canWriteOff: kind === "payout_short",
    document: "1",
    lineNo: 12,
  };
}

const BREAKS = Array.from({ length: 60 }, (_, index) => breakRow(index));
const undo: BreakRow[] = [];
let seen: { by: string; at: string } | null = null;

function decideSample(input: DecideInput) {
  const states = { write_off: "written_off", reopen: "open", ask: "open", claim: "open" };
  const state = states[input.act as keyof typeof states] ?? "explained";
  for (const found of BREAKS.filter(({ id }) => input.ids.includes(id))) {
    undo.push({ ...found });
    if (input.act === "note") found.notes += 1;
    else {
      const [decidedBy, decidedAt] = [preferences.person, "2026-04-20 08:12:00"];
      Object.assign(found, { state, decidedBy, decidedAt, act: input.act });
    }
  }
  return { count: input.ids.length || 7, payoutsChanged: 0 };
}

function view(id: string): PayoutView {
  const found = ROWS.find((each) => each.id === id) ?? row(2);
  const scale = found.id === "golden" ? 1 : found.gross.minor / 42998;
  return {
    row: { ...found, seen },
    components: PARTS.map(([name, minor, count]) => {
      return { name, amount: cny(Math.round(minor * scale)), count };
    }),
    feeParts: [],
    bank: found.bankDate
      ? {
          date: found.bankDate,
          accountTail: "8812",
          amount: found.paid,
          memo: "0415_1900000109",
          evidence: { document: "3", fileName: "bank/8812.csv", lineNo: 7 },
        }
      : null,
    days: ["trade", "fund", "bank", "orders"].map((stream) => {
      return { day: "2026-04-14", stream, verdict: "complete" as const };
    }),
    breaks: found.unexplained.minor === 0 ? [] : BREAKS.slice(0, 1),
  };
}

function line(component: string, index: number, minor: number): PayoutLine {
  return {
    id: `${component}-${index}`,
    at: `2026-04-14 1${index % 10}:0${index % 6}:11`,
    component,
    kindText: component === "sales" ? "交易/交易" : "交易/扣除交易手续费",
    amount: cny(minor),
    fee: component === "sales" ? cny(-77) : null,
    orderId: `QZ20260414${String(index).padStart(4, "0")}`,
    channelRef: `420000${index}`,
    goods: component === "sales" ? ["钢笔 钛银", "宣纸 四尺", "墨汁", "砚台 端溪", "橡皮"][index % 5] ?? "" : "",
    evidence: { document: "1", fileName: "wechat/fund-2026-04-14.csv", lineNo: 7 + index },
  };
}

const SALES = [12800, 3999, 500, 25600, 99];

function linesOf(component: string | null): PayoutLine[] {
  if (component === "sales") return SALES.map((minor, index) => line("sales", index, minor));
  const all = PARTS.flatMap(([name, minor, count]) => {
    return Array.from({ length: name === "sales" ? 5 : 1 }, (_, index) => {
      return line(name, index, name === "sales" ? (SALES[index] ?? 0) : count && minor);
    });
  });
  return component ? all.filter((each) => each.component === component) : all;
}

const HOME: HomeView = sampleHome(company, ROWS.slice(0, 3), query.has("first"));

const status = (): BookStatus => ({
  open: opened,
  company,
  path: "~/qingzhu.suanpan",
  dataUntil: opened ? HOME.dataUntil : null,
  channelNames: {},
  unlockMethods: query.has("new") ? [] : ["passphrase", "recovery_code", "keyring"],
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What an import of samples comes to. */
function imported() {
  const file = (path: string, change: Partial<ImportFile>): ImportFile => ({
    path,
    document: "4",
    kind: "wechat_fund",
    state: "booked",
    rowsRead: 420,
    rowsNew: 420,
    rowsKnown: 0,
    rowsChanged: 0,
    quarantined: 0,
    problems: [],
    totals: [{ name: "sum", expected: "1.00", found: "1.00", holds: true }],
    reason: null,
    ...change,
  });
  const files = [
    file("wechat/fund-2026-04-14.csv", {}),
    file("wechat/fund-2026-04-13.csv", { state: "known", rowsNew: 0, rowsKnown: 391 }),
    file("alipay/20881000.zip", { kind: "alipay_account", rowsNew: 1288 }),
    file("bank/april.csv", {
      kind: "bank_table",
      quarantined: 1,
      rowsNew: 61,
      totals: [{ name: "sum_in", expected: "9120.00", found: "9100.00", holds: false }],
      problems: [{ line: 17, code: "amount", detail: "12,00" }],
    }),
    file("orders/shop.xlsx", {
      kind: "table",
      state: "needs_mapping",
      document: null,
      rowsNew: 0,
      reason: "needs_mapping",
      totals: [],
    }),
    file("notes.docx", {
      kind: "table",
      state: "refused",
      document: null,
      rowsNew: 0,
      reason: "unknown_file",
      totals: [],
    }),
  ];
  return { files, cancelled: false };
}

/** Answers a command from the samples. */
export async function answer(command: string, args: Record<string, unknown>): Promise<unknown> {
  await pause(30);
  switch (command) {
    case "book_status":
      return status();
    case "create_book":
      opened = true;
      return "7QK4M-2XWTP-9HJRC-5VNBD";
    case "open_book":
    case "open_demo":
      if (args["secret"] === "wrong") {
        throw { code: "book_wrong_key", message: "口令不对。", moneyMoved: "no", nextStep: "" };
      }
      opened = true;
      return status();
    case "home":
      return query.has("empty") ? { ...HOME, payoutsNew: [], dataUntil: null } : HOME;
    case "money_map":
      return args["until"]
        ? { nodes: [{ node: "bank", amounts: [cny(1_000_000)] }], total: [cny(1_000_000)] }
        : HOME.moneyMap;
    case "list_payouts": {
      const { status: wanted, channel } = args["filter"] as PayoutFilter;
      const rows = ROWS.filter((each) => {
        return (!wanted || each.status === wanted) && (!channel || each.channel === channel);
      });
      const from = Number(args["cursor"] ?? 0);
      const next = from + 200 < rows.length ? String(from + 200) : null;
      return { rows: rows.slice(from, from + 200), next, count: rows.length };
    }
    case "payout":
      return view(String(args["id"]));
    case "payout_lines": {
      const lines = linesOf(args["component"] as string | null);
      const sum = lines.reduce((all, each) => all + each.amount.minor, 0);
      return { lines, next: null, count: lines.length, sum: cny(sum), carried: cny(0) };
    }
    case "evidence":
      return {
        fileName: "wechat/fund-2026-04-14.csv",
        sha256: "6f1ed002ab5595859014ebf0951522d9a0f6a3c1b2f1c53c4fbb5a1f2b9a7c10",
        kind: "wechat_fund",
        lineNo: Number(args["lineNo"]),
        headerText: "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元)",
        text: "`2026-04-14 10:02:11,`4200002026041400000001,`交易,`交易,`收入,`128.00",
        before: ["`2026-04-14 09:58:40,`4200002026041400000000,`交易,`交易,`收入,`39.99"],
        after: ["`2026-04-14 10:02:11,`4200002026041400000001,`交易,`扣除交易手续费,`支出,`0.77"],
      };
    case "search":
      return found(String(args["typed"]));
    case "list_breaks": {
      const wanted = (each: BreakRow) =>
        (!args["state"] || each.state === args["state"]) &&
        (!args["kind"] || each.kind === args["kind"]);
      const kinds = KINDS.map(([kind]) => ({ kind, count: 10 }));
      return { rows: BREAKS.filter(wanted).map((each) => ({ ...each })), next: null, kinds };
    }
    case "break_view": {
      const found = BREAKS.find(({ id }) => id === args["id"]) ?? breakRow(0);
      const unknown = found.kind === "unknown_row";
      return {
        row: { ...found },
        payoutId: "p1",
        payoutNumber: "TX202641499",
        evidence: { document: "1", fileName: "wechat/fund-2026-04-14.csv", lineNo: 12 },
        word: unknown ? "账户/平台工具服务费" : null,
        bookedAt: unknown ? "2026-04-12 21:45:12" : null,
        likelyClass: unknown ? "account_charge" : null,
        history: [],
      };
    }
    case "decide":
      return decideSample(args["input"] as DecideInput);
    case "classify":
      for (const each of BREAKS.filter(({ kind }) => kind === "unknown_row")) {
        undo.push({ ...each });
        Object.assign(each, { state: "resolved", decidedBy: "Li", why: "平台服务费" });
      }
      return { count: 12, payoutsChanged: 12 };
    case "preview_classify":
    case "preview_decide":
    case "preview_rule":
      return PREVIEW;
    case "add_rule":
      return { count: 7, payoutsChanged: 0 };
    case "breaks_again": {
      const wanted = (args["ids"] as string[]).map((id) => BREAKS.find((each) => each.id === id));
      const rows = wanted.flatMap((each) => (each ? [{ ...each }] : []));
      return { rows, next: null, kinds: KINDS.map(([kind]) => ({ kind, count: 9 })) };
    }
    case "list_rules":
      return RULES;
    case "remove_rule":
      return { count: 1, payoutsChanged: 0 };
    case "undo_decision":
      for (const old of undo.splice(0)) {
        Object.assign(BREAKS.find(({ id }) => id === old.id) ?? {}, old);
      }
      return { count: 1, payoutsChanged: 0 };
    case "write_off_terms":
      return { known: false, limit: cny(1000), account: "expenses:write_offs" };
    case "review_payout":
      seen = { by: "Li", at: "2026-04-20 08:12:00" };
      return { seen, offline: false, next: "golden" };
    case "payout_decisions":
      return [
        {
          id: 1,
          kind: "note",
          subject: "payout:golden",
          at: "2026-04-20 08:11:00",
          by: "Li",
          text: "已问过银行",
          holds: true,
          offline: false,
        },
      ];
    case "payout_fees":
      return FEES;
    case "start_import":
      return begin("import", "wechat", { report: imported() });
    case "choose_files":
      return ["wechat"];
    case "preferences":
      return { ...preferences };
    case "save_preferences":
      Object.assign(preferences, args["preferences"]);
      return null;
    case "choose_statement_path":
      return "~/statement.pdf";
    default:
      if (/_jobs?$|^start_/.test(command)) return answerJobs(command, args);
      return (
        answerCollect(command, args) ??
        answerTill(command, args) ??
        answerOrders(command, args) ??
        answerLists(command, args) ??
        answerChannels(command, args) ??
        (await import("./stub.care")).answerCare(command, args)
      );
  }
}
