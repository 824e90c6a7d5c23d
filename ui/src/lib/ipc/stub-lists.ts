// Sample answers of lists, ledger and reports; never part of a release build.
import { paidHow, paidOf, WORDS } from "./stub-payments";
import type {
  AccountRow,
  Amount,
  BankLine,
  CertificateView,
  EntryRow,
  FigureQuery,
  SeriesStep,
  TransactionQuery,
  TransactionRow,
} from "./types";

function cny(minor: number): Amount {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  const major = `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  return { minor, currency: "CNY", major };
}

const dayAt = (index: number) => new Date(Date.UTC(2026, 3, 17 - index)).toISOString().slice(0, 10);
const at = (line: number) => ({ document: "1", fileName: "", lineNo: line });
const GOODS = ["钢笔 钛银", "宣纸 四尺", "墨汁 250ml", "砚台 端溪", "橡皮", "牛皮纸信封 50 枚"];

function transaction(index: number, source: string): TransactionRow {
  const refund = index % 17 === 5;
  const minor = (refund ? -1 : 1) * (500 + ((index * 7919) % 25_100));
  const fee = -Math.round(minor * 0.006);
  const two = (digits: number) => String(digits).padStart(2, "0");
  const day = dayAt(Math.floor(index / 60));
  const time = `${two(21 - Math.floor((index % 60) / 5))}:${two(59 - (index % 60))}:11`;
  const trade = source === "trade";
  return {
    id: String(4_294_967_296 + index),
    channel: index % 4 === 3 ? "alipay" : "wechat_pay",
    accountNo: index % 4 === 3 ? "2088100000001" : "1900000109",
    at: `${day} ${time}`,
    day,
    kind: refund ? "refund" : !trade && index % 2 ? "payment_fee" : "payment",
    kindText: trade ? "" : refund ? "退款/退款" : "交易/交易",
    status: trade ? (index % 51 === 5 ? "pending" : "succeeded") : null,
    orderId: `QZ${day.replaceAll("-", "")}${String(index).padStart(5, "0")}`,
    paymentId: `42000020${day.replaceAll("-", "")}${String(index).padStart(10, "0")}`,
    refundId: refund ? `RF${String(index).padStart(8, "0")}` : "",
    goods: GOODS[index % GOODS.length] ?? "",
    amount: cny(trade || index % 2 === 0 ? minor : fee),
    ...paidHow(index, minor, trade && !refund),
    fee: trade ? cny(fee) : null,
    total: trade ? cny(minor) : cny(1_284_207 - index * 61),
    evidence: at(2 + index),
  };
}

const ROWS: Record<string, TransactionRow[]> = {
  trade: Array.from({ length: 2400 }, (_, index) => transaction(index, "trade")),
  fund: Array.from({ length: 2400 }, (_, index) => transaction(index, "fund")),
};

function found(query: TransactionQuery): TransactionRow[] {
  const rows = (ROWS[query.source] ?? []).filter((row) => {
    return (
      (!query.channel || row.channel === query.channel) &&
      (!query.kind || row.kind === query.kind) &&
      (!query.status || row.status === query.status) &&
      (!query.scene || row.scene === query.scene) &&
      (!query.bank || row.bank === query.bank) &&
      (!query.back || (query.back === "none") === (row.back === null)) &&
      (!query.from || row.day >= query.from) &&
      (!query.to || row.day <= query.to) &&
      (!query.number || row.orderId === query.number)
    );
  });
  const key = (row: TransactionRow) => row.amount.minor;
  if (query.sort === "oldest") rows.reverse();
  if (query.sort === "largest") rows.sort((a, b) => key(b) - key(a));
  if (query.sort === "smallest") rows.sort((a, b) => key(a) - key(b));
  return rows;
}

function sums(query: TransactionQuery, ids: string[] | null) {
  const rows = found(query).filter((row) => !ids || ids.includes(row.id));
  const add = (pick: (row: TransactionRow) => number) =>
    rows.reduce((all, row) => all + pick(row), 0);
  const amount = cny(add((row) => row.amount.minor));
  return [{ count: rows.length, amount, fee: cny(add((row) => row.fee?.minor ?? 0)) }];
}

const ACCOUNTS: [string, number, number, number][] = [
  ["assets:balance:alipay:2088100000001", 9_120_000, 8_803_120, 412],
  ["assets:balance:wechat_pay:1900000109", 42_998_000, 41_713_793, 1998],
  ["assets:bank:6222020200012348812", 48_220_914, 0, 62],
  ["assets:held:wechat_pay:1900000109", 3975, 0, 1],
  ["assets:in_transit:alipay", 4_100_000, 4_100_000, 31],
  ["assets:in_transit:wechat_pay", 44_431_369, 44_120_914, 60],
  ["assets:pending:wechat_pay:1900000109", 43_084_200, 42_998_000, 2011],
  ["equity:opening_balances", 0, 5_000_000, 1],
  ["expenses:account_charges:wechat_pay:1900000109", 3000, 0, 30],
  ["expenses:channel_fees:alipay:2088100000001", 55_020, 0, 410],
  ["expenses:channel_fees:wechat_pay:1900000109", 259_410, 0, 1990],
  ["revenues:sales:alipay:2088100000001", 0, 9_175_020, 410],
  ["revenues:sales:wechat_pay:1900000109", 0, 41_361_041, 1990],
  ["revenues:sales_refunds:wechat_pay:1900000109", 4_996_000, 0, 21],
];

function tree(): AccountRow[] {
  const rows = new Map<string, [number, number, number]>();
  for (const [account, debit, credit, postings] of ACCOUNTS) {
    const parts = account.split(":");
    for (let length = 1; length <= parts.length; length += 1) {
      const name = parts.slice(0, length).join(":");
      const [d, c, p] = rows.get(name) ?? [0, 0, 0];
      rows.set(name, [d + debit, c + credit, p + postings]);
    }
  }
  return [...rows].map(([account, [debit, credit, postings]]) => ({
    account,
    code: account.startsWith("assets:bank") ? "1002" : "",
    depth: account.split(":").length - 1,
    leaf: ACCOUNTS.some(([name]) => name === account),
    debit: cny(debit),
    credit: cny(credit),
    balance: cny(debit - credit),
    postings,
  }));
}

function entries(query: FigureQuery) {
  const row = tree().find(({ account }) => account === query.account);
  const accounts = ACCOUNTS.filter(([name]) => name.startsWith(query.account));
  const rows: EntryRow[] = Array.from({ length: 80 }, (_, index) => {
    const minor = (index % 3 === 1 ? -1 : 1) * (1200 + ((index * 577) % 9000));
    const account = accounts[index % accounts.length]?.[0] ?? query.account;
    return {
      id: `${index}-0`,
      lineId: String(4_294_967_296 + index),
      day: dayAt(Math.floor(index / 8)),
      at: `${dayAt(Math.floor(index / 8))} 1${index % 9}:2${index % 6}:11`,
      stream: index % 3 ? "fund" : "trade",
      account,
      amount: cny(minor),
      against: [{ account: "revenues:sales:wechat_pay:1900000109", amount: cny(-minor) }],
      balance: cny(1_284_207 - index * 331),
      text: index % 3 ? "交易/交易" : (GOODS[index % 6] ?? ""),
      number: `QZ2026${String(index).padStart(6, "0")}`,
      evidence: at(2 + index),
    };
  });
  const zero = cny(0);
  const sum = row
    ? { debit: row.debit, credit: row.credit, amount: row.balance, postings: row.postings }
    : { debit: zero, credit: zero, amount: zero, postings: 0 };
  return { rows: row ? rows : [], next: null, sums: [sum] };
}

const COUNTED = { code: "row_count", holds: true, expected: "61", found: "61", whole: true };
const UNBROKEN = { code: "balance_unbroken", expected: "12842.07", whole: false };

function certificates(from: string, to: string): CertificateView[] {
  const rows: CertificateView[] = [];
  for (const [channel, accountNo, streams] of [
    ["alipay", "2088100000001", ["trade", "fund"]],
    ["bank", "6222020200012348812", ["bank"]],
    ["wechat_pay", "1900000109", ["trade", "fund"]],
  ] as const) {
    for (const stream of streams) {
      for (let index = 120; index >= 0; index -= 1) {
        const day = dayAt(index);
        if (day < from || day > to) continue;
        const bad = stream === "fund" && index % 23 === 6;
        const worst = bad ? "incomplete" : index === 40 ? "contradictory" : "complete";
        const verdict = index === 0 ? "waiting" : worst;
        rows.push({
          channel,
          accountNo,
          stream,
          day,
          verdict,
          checks: [
            { ...COUNTED, evidence: at(64) },
            {
              ...UNBROKEN, holds: verdict === "complete",
              found: bad ? "12742.07" : "12842.07",
              evidence: at(33),
            },
          ],
        });
      }
    }
  }
  return rows;
}

const BANK: BankLine[] = Array.from({ length: 130 }, (_, index) => {
  const other = index % 7 === 4;
  const unmatched = index % 19 === 3;
  const minor = other ? -31_500 - index : 344_14 + index * 977;
  return {
    id: `b${index}`,
    day: dayAt(index),
    accountNo: "6222020200012348812",
    amount: cny(minor),
    balance: cny(48_220_914 - index * 30_211),
    bankRef: `B2026${String(index).padStart(6, "0")}`,
    counterparty: other ? "桃源房产有限公司" : "财付通支付科技有限公司",
    memo: other ? "四月房租" : `0415_1900000109`,
    state: other ? "other" : unmatched ? "unmatched" : "carries",
    channel: other ? null : "wechat_pay",
    payouts:
      other || unmatched
        ? []
        : [
            {
              id: "golden",
              channel: "wechat_pay",
              number: `TX${41500 - index}`,
              amount: cny(minor),
            },
          ],
    evidence: at(2 + index),
  };
});

const PARTS: Record<string, string[]> = {
  ordered: ["orders"],
  paid: ["sales", "refunds", "discounts", "fees", "fees_returned"],
  booked: ["payments", "refunds", "splits", "held", "charges"],
  settled: ["payouts", "returned"],
  in_bank: ["arrived"],
};

function series(clock: string, grain: string) {
  const parts = PARTS[clock] ?? ["orders"];
  const count = grain === "hour" ? 24 : grain === "day" ? 30 : grain === "month" ? 12 : 4;
  const name = (index: number) => {
    if (grain === "hour") return `2026-04-14 ${String(index).padStart(2, "0")}`;
    if (grain === "day") return dayAt(count - 1 - index);
    if (grain === "month") return `2025-${String(index + 1).padStart(2, "0")}`;
    return grain === "quarter" ? `2025-Q${index + 1}` : String(2023 + index);
  };
  const steps: SeriesStep[] = Array.from({ length: count }, (_, index) => {
    const first = 120_000 + ((index * 7919) % 61) * 3100;
    const shares = parts.map((_, part) => {
      return part === 0 ? first : -Math.round(first / (9 + part * 30));
    });
    const net = shares.reduce((all, share) => all + share, 0);
    return {
      name: name(index),
      from: dayAt(29),
      to: dayAt(0),
      count: 20 + (index % 31),
      parts: shares.map(cny),
      net: cny(net),
    };
  });
  const all = (pick: (step: SeriesStep) => number) =>
    steps.reduce((sum, step) => sum + pick(step), 0);
  const total: SeriesStep = {
    name: "",
    from: dayAt(29),
    to: dayAt(0),
    count: all((step) => step.count),
    parts: parts.map((_, part) => cny(all((step) => step.parts[part]?.minor ?? 0))),
    net: cny(all((step) => step.net.minor)),
  };
  return { clock, grain, parts, steps, total };
}

function bridge(from: string, to: string) {
  const line = (name: string, minor: number, account: string | null) => ({
    name,
    toward: to,
    amount: cny(minor),
    account,
    from: null,
    to: dayAt(0),
  });
  return {
    from,
    to,
    start: cny(4_299_800),
    end: cny(3_441_400),
    lines: [
      line("pending_before", 86_200, "assets:pending"),
      line("pending_after", -120_000, "assets:pending"),
      line("splits", -128_000, "expenses:commission_split"),
      line("held", -197_500, "assets:held"),
      line("charges", -10_000, "expenses:account_charges"),
      line("balance_before", 1_284_207, "assets:balance"),
      line("balance_after", -1_462_852, "assets:balance"),
      line("in_transit_before", 0, "assets:in_transit"),
      line("in_transit_after", -310_455, "assets:in_transit"),
      line("unexplained", 0, null),
    ],
  };
}

const RATES = [
  { name: "orders_paid", numerator: 1990, denominator: 2011, percent: "98.95" },
  { name: "refunds_succeeded", numerator: 21, denominator: 21, percent: "100.00" },
  { name: "payments_booked", numerator: 1983, denominator: 1990, percent: "99.64" },
  { name: "payouts_arrived", numerator: 0, denominator: 0, percent: null },
];

const FRESH = { openDays: 3, channels: ["wechat_pay", "alipay", "yeepay"] };

/** Answers a command; undefined when it is none of these. */
export function answerLists(command: string, args: Record<string, unknown>): unknown {
  const query = args["query"] as TransactionQuery;
  switch (command) {
    case "list_transactions": {
      const [rows, from] = [found(query), Number(args["cursor"] ?? 0)];
      const next = from + 200 < rows.length ? String(from + 200) : null;
      return { rows: rows.slice(from, from + 200), next };
    }
    case "payment_words":
      return WORDS;
    case "transaction_sums":
      return sums(query, args["ids"] as string[] | null);
    case "transactions_text":
      return "时间\t金额\n2026-04-14\t128.00\n";
    case "save_transactions":
      return 2400;
    case "transaction": {
      const trade = ROWS["trade"]?.find(({ id }) => id === args["id"]);
      const fund = ROWS["fund"]?.find(({ id }) => id === args["id"]);
      const minor = trade?.amount.minor ?? 0;
      return {
        orders: [
          {
            orderId: trade?.orderId,
            at: trade?.at,
            status: "已付款",
            amount: trade?.total,
            goods: trade?.goods,
            evidence: at(7),
          },
        ],
        trade: trade ? [trade] : [],
        fund: fund ? [fund] : [],
        payouts: ["golden"],
        postings: [
          { account: "assets:pending:wechat_pay:1900000109", amount: cny(minor) },
          { account: "revenues:sales:wechat_pay:1900000109", amount: cny(-minor) },
        ],
        feeParts: [], paid: paidOf(trade), fileName: "wechat/trade-2026-04-14.csv",
      };
    }
    case "list_views":
      return [{ name: "四月退款", body: '{"kind":"refund","from":"2026-04-01"}' }];
    case "save_view": case "save_picture": case "remove_view":
      return null;
    case "freshness":
      return { ...FRESH, dataUntil: dayAt(0), finalUntil: dayAt(7), firstOpen: dayAt(6) };
    case "account_tree":
      return tree();
    case "ledger_entries":
      return entries(args["query"] as FigureQuery);
    case "certificates":
      return certificates(String(args["from"]), String(args["to"]));
    case "bank_accounts":
      return [
        {
          accountNo: "6222020200012348812",
          lines: BANK.length,
          from: dayAt(129),
          to: dayAt(0),
          paidIn: cny(9_120_033),
          paidOut: cny(-612_000),
          closing: cny(48_220_914),
        },
      ];
    case "list_bank_lines": {
      const state = (args["query"] as { state: string | null }).state;
      return { rows: BANK.filter((row) => !state || row.state === state), next: null };
    }
    case "table_sums": {
      const ids = args["ids"] as string[] | null;
      const rows = BANK.filter((row) => !ids || ids.includes(row.id));
      const sum = rows.reduce((all, row) => all + row.amount.minor, 0);
      const { list } = args["query"] as { list: string };
      const columns = list === "payouts" ? ["paid", "unexplained"] : ["amount"];
      return columns.map((column) => ({ column, count: rows.length, amount: cny(sum) }));
    }
    case "table_text":
      return "day\tamount\n2026-04-14\t344.14\n";
    case "draw_chart":
      return { title: "chart", svg: '<svg xmlns="http://www.w3.org/2000/svg"/>' };
    case "save_table":
      return BANK.length;
    case "report_series":
      return series(String(args["clock"]), String(args["grain"]));
    case "report_bridge":
      return bridge(String(args["from"]), String(args["to"]));
    case "file_rows":
    case "report_rows": {
      const rows = found({ source: "trade", sort: "newest" } as TransactionQuery).slice(0, 40);
      const each = rows.map(({ id, day, paymentId, goods, amount, evidence }) => {
        return { id, kind: "trade", day, number: paymentId, text: goods, amount, evidence };
      });
      const sum = rows.reduce((all, row) => all + row.amount.minor, 0);
      const both = { count: rows.length, sum: cny(sum), sums: [cny(sum)], file: "trade.csv" };
      return { ...both, rows: each, next: null };
    }
    case "report_currencies":
      return ["CNY", "USD"];
    case "report_rates":
      return RATES;
    case "report_heat":
      return Array.from({ length: 7 * 24 }, (_, index) => {
        const hour = index % 24;
        const open = hour > 8 && hour < 22 ? 1 : 0;
        const count = open * (8 + ((index * 31) % 23) + (index > 119 ? 14 : 0));
        return { weekday: Math.floor(index / 24), hour, count, amount: cny(count * 5311) };
      });
    default:
      return undefined;
  }
}
