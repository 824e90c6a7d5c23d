// Sample answers for the pages around the book; never part of a release build.
import type {
  Amount,
  BookSettings,
  IssuedStatement,
  OwnAccountView,
  RevisionView,
  SetAsideRow,
  StatementView,
  TablePreview,
} from "./types";

function cny(minor: number): Amount {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  const major = `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  return { minor, currency: "CNY", major };
}

let chart: OwnAccountView[] = [
  { account: "assets:balance", code: "1012", name: "其他货币资金" },
  { account: "assets:bank", code: "1002", name: "银行存款" },
  { account: "assets:held", code: "", name: "" },
  { account: "expenses:channel_fees", code: "5603", name: "财务费用" },
  { account: "revenues:sales", code: "5001", name: "主营业务收入" },
];

const settings: BookSettings = {
  unlockMethods: ["passphrase", "recovery_code"],
  feeSigns: "by_kind",
  fetches: true,
  fetchesMetered: false,
  metered: false,
  place: "~/qingzhu.suanpan",
};

let rows: SetAsideRow[] = [
  {
    document: 12,
    line: 17,
    file: "alipay/20881000_业务明细.csv",
    kind: "alipay_trade",
    code: "bad_amount",
    detail: "商家实收: 12.0O",
    raw: "2026030522001400010500000001,R1,交易,拿铁,2026-03-05 09:31:08,12.0O,0.00",
  },
];

const revision = (decided: boolean, at: number): RevisionView => ({
  stream: "trade",
  channel: decided ? "alipay" : "wechat_pay",
  accountNo: "1900000109",
  day: "2026-04-14",
  bill: {
    document: at,
    name: "trade-2026-04-14-b.csv",
    lines: 41,
    issuedAt: decided ? "2026-04-17 09:46:49" : null,
    receivedAt: "2026-04-18 08:10:00",
  },
  other: {
    document: at + 1,
    name: "trade-2026-04-14.csv",
    lines: 42,
    issuedAt: decided ? "2026-04-15 05:46:49" : null,
    receivedAt: "2026-04-15 08:02:00",
  },
  decided,
  added: 0,
  removed: 1,
  changed: 0,
  document: String(at + 1),
  lineNo: 21,
});
let revisions = [revision(false, 3), revision(true, 5)];

const table: TablePreview = {
  columns: [
    { header: "下单时间", values: ["2026-04-14 10:02", "2026-04-14 11:20"] },
    { header: "单号", values: ["QZ0001", "QZ0002"] },
    { header: "实付", values: ["128.00", "39.99"] },
    { header: "状态", values: ["已支付", "已关闭"] },
  ],
  headerLines: [1, 2],
  sheets: [],
  confidence: "likely",
  notes: ["unknown_channel_words"],
  mapping: JSON.stringify({
    version: 1,
    name: "",
    target: "orders",
    columns: { 下单时间: "ordered_at", 单号: "order_id", 实付: "amount", 状态: "status" },
    date_formats: [],
    amount: { style: "signed" },
    account: { from: "column" },
    header_line: 1,
  }),
  rows: ["QZ0001", "QZ0002", "QZ0003"].map((number, at) => ({
    line: at + 2,
    at: "2026-04-14 10:02:00",
    amount: cny([12800, 12100, 11400][at] ?? 0),
    balance: null,
    number,
    text: "paid · 钢笔 钛银",
    code: at === 2 ? "bad_amount" : null,
    detail: at === 2 ? "实付: 12,8" : null,
  })),
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
  ["unexplained", 0, 0],
];

const statement: StatementView = {
  company: "青竹文具店",
  number: null,
  days: ["2026-04-01", "2026-04-17"],
  channel: null,
  leftOn: null,
  arrivedOn: null,
  total: cny(34414),
  totalWords: "叁佰肆拾肆圆壹角肆分",
  lang: "zh",
  parts: PARTS.map(([name, minor, count]) => ({ name, amount: cny(minor), rows: count })),
  payouts: [
    {
      date: "2026-04-15",
      channel: "wechat_pay",
      number: "TX202604150001",
      arrived: "2026-04-15",
      amount: cny(34414),
      unexplained: cny(0),
    },
  ],
  lines: [12800, 3999, 500, 25600, 99].map((minor, at) => ({
    at: `2026-04-14 1${at}:02:11`,
    kind: "payment",
    number: `QZ2026041400${at}`,
    goods: "钢笔 钛银",
    gross: cny(minor),
    fee: cny(0),
    net: cny(minor),
    evidence: "wechat/fund-2026-04-14.csv:7",
  })),
  lineCount: 730,
  notes: [
    { code: "payout_short", record: "payout:TX1", detail: "amount: 344.14", effect: cny(-2000) },
  ],
  clock: "booked",
  zone: "UTC+08:00",
  verdict: "complete",
  contentHash: "6f1ed002ab5595859014ebf0951522d9a0f6a3c1b2f1c53c4fbb5a1f2b9a7c10",
  stateHash: "",
  currencies: ["CNY", "USD"],
  early: [
    {
      connection: 1,
      name: "微信支付",
      stream: "trade",
      from: "2026-04-01",
      to: "2026-04-07",
      inReach: true,
    },
    {
      connection: 1,
      name: "微信支付",
      stream: "fund:basic",
      from: "2026-04-01",
      to: "2026-04-01",
      inReach: false,
    },
  ],
};

const issued: IssuedStatement[] = [
  {
    id: 1,
    fileName: "2026-03-01_2026-03-31.pdf",
    format: "pdf",
    subject: "period:2026-03-01:2026-03-31:all",
    total: cny(1_284_207),
    issuedAt: "2026-04-02 09:12:40",
    contentHash: statement.contentHash,
    sha256: statement.contentHash,
  },
];

/** Answers a command of the pages around the book. */
export function answerCare(command: string, args: Record<string, unknown>): unknown {
  switch (command) {
    case "quarantine":
      return { rows, total: rows.length, next: null };
    case "mend_row":
      if (String(args["text"]).includes("0O")) {
        return { state: "still_wrong", code: "bad_amount", detail: "商家实收: 12.0O" };
      }
      rows = [];
      return { state: "booked", code: null, detail: null };
    case "revisions":
      return revisions;
    case "choose_bill":
      revisions = [revision(true, 3), revision(true, 5)];
      return revisions;
    case "table_preview":
      return table;
    case "statement_days":
      return ["2026-01-02", "2026-04-17"];
    case "statement_preview":
      return args["lang"] === "zh" ? statement : { ...statement, lang: "en", totalWords: null };
    case "issued_statements":
      return issued;
    case "verify_statement":
      return { verdict: "superseded", statement: issued[0], by: issued[0] };
    case "own_accounts":
    case "take_standard_chart":
      return chart;
    case "set_own_account": {
      const own = args["own"] as OwnAccountView;
      chart = chart.map((each) => (each.account === own.account ? own : each));
      return chart;
    }
    case "set_fetches_metered":
      return Object.assign(settings, { fetchesMetered: args["wanted"] });
    case "set_fetches":
      return Object.assign(settings, { fetches: args["wanted"] });
    case "book_settings":
    case "set_fee_signs":
    case "set_keyring":
    case "change_passphrase":
      return settings;
    case "new_recovery_code":
      return "7QK4M-2XWTP-9HJRC-5VNBD-8LQZA-3TYHK";
    case "recent_books":
      return [
        { place: "~/qingzhu.suanpan", company: "青竹文具店", found: true },
        { place: "~/old/qingzhu-2024.suanpan", company: "青竹文具店 2024", found: false },
      ];
    default:
      return null;
  }
}
