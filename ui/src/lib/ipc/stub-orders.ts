// Sample orders; never part of a release build.
import type { Amount, OrderQuery, OrderRow, OrderStep } from "./types";

function cny(minor: number): Amount {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  const major = `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  return { minor, currency: "CNY", major };
}

const dayAt = (index: number) => new Date(Date.UTC(2026, 3, 17 - index)).toISOString().slice(0, 10);
const at = (line: number) => ({ document: "1", fileName: "", lineNo: line });
const two = (digits: number) => String(digits).padStart(2, "0");
const GOODS = ["钢笔 钛银 × 2、墨汁 250ml", "宣纸 四尺", "砚台 端溪", "牛皮纸信封 50 枚 × 3"];
const STATES: [string, string][] = [
  ["paid", "已发货"],
  ["paid", "交易成功"],
  ["refunded", "已退款"],
  ["unpaid", "待付款"],
  ["canceled", "已取消"],
  ["closed", "交易关闭"],
];

function order(index: number): OrderRow {
  const day = dayAt(Math.floor(index / 40));
  const bill = index % 41 === 7;
  const [status, statusText] = STATES[index % 23 < 18 ? index % 2 : 2 + (index % 4)] ?? ["", ""];
  const amount = cny(1200 + ((index * 7919) % 25_100));
  const owed = !bill && (status === "canceled" || status === "closed") && index % 3 === 1;
  const paid = bill || owed || status === "paid" || status === "refunded";
  return {
    id: String(8_589_934_592 + index),
    source: bill ? "bill" : "shop",
    orderId: `QZ${day.replaceAll("-", "")}${String(index).padStart(5, "0")}`,
    at: `${day} ${two(21 - (index % 12))}:${two(index % 60)}:11`,
    day,
    status: bill ? null : status,
    statusText: bill ? "" : statusText,
    channel: index % 4 === 3 ? "alipay" : "wechat_pay",
    goods: GOODS[index % GOODS.length] ?? "",
    buyer: bill ? "" : "王* 138****8000",
    amount,
    payments: paid ? 1 : 0,
    paid: paid ? amount : null,
    refunded: status === "refunded" ? amount : null,
    owed: owed
      ? {
          kind: status === "closed" ? "paid_after_close" : "canceled_but_paid",
          breakId: "b1",
          amount,
        }
      : null,
    gone: !bill && index % 97 === 5 ? `${day} 23:10:00` : null,
    evidence: at(2 + index),
  };
}

const ORDERS = Array.from({ length: 900 }, (_, index) => order(index));

/** The sample orders that a query lets through. */
export function foundOrders(query: OrderQuery): OrderRow[] {
  const rows = ORDERS.filter(
    (row) =>
      (!query.source || row.source === query.source) &&
      (!query.status || row.status === query.status) &&
      (!query.channel || row.channel === query.channel) &&
      (!query.from || row.day >= query.from) &&
      (!query.to || row.day <= query.to) &&
      (!query.number || row.orderId === query.number) &&
      (!query.owed || row.owed),
  );
  if (query.sort === "oldest") rows.reverse();
  if (query.sort === "largest") rows.sort((a, b) => b.amount.minor - a.amount.minor);
  if (query.sort === "smallest") rows.sort((a, b) => a.amount.minor - b.amount.minor);
  return rows;
}

function story(number: string) {
  const row = ORDERS.find(({ orderId }) => orderId === number) ?? order(2);
  const step = (what: string, clock: string, by: string, more: Partial<OrderStep>): OrderStep => ({
    what,
    clock,
    by,
    at: row.at,
    number: row.orderId,
    words: "",
    kind: null,
    amount: row.amount,
    payout: null,
    evidence: at(7),
    ...more,
  });
  const steps = [
    step("ordered", "ordered", "shop", {}),
    step("paid", "paid", row.channel, { number: "4200002026041400000001" }),
    step("booked", "booked", row.channel, {
      number: "50300806962026041400000001",
      words: "交易/交易",
      kind: "payment",
      payout: "golden",
    }),
    step("booked", "booked", row.channel, {
      number: "50300806962026041400000002",
      words: "交易/扣除交易手续费",
      kind: "payment_fee",
      amount: cny(-77),
      payout: "golden",
    }),
    step("paid_out", "settled", row.channel, {
      number: "TX202604150001",
      amount: cny(34_414),
      payout: "golden",
    }),
    step("in_bank", "in_bank", "bank", {
      at: row.day,
      number: "B1",
      words: "0415_1900000109",
      amount: cny(34_414),
      payout: "golden",
    }),
  ];
  const effect = row.amount;
  const open = { id: "b1", kind: "canceled_but_paid", state: "open", effect, evidence: at(7) };
  return {
    orders: [row],
    goods: [
      { sku: "PEN-TI", name: "钢笔 钛银", ordered: 2, quantity: 1, amount: cny(8600) },
      { sku: "INK-250", name: "墨汁 250ml", ordered: 1, quantity: 1, amount: cny(1900) },
    ],
    steps,
    breaks: row.owed ? [{ ...open, kind: row.owed.kind }] : [],
  };
}

/** Answers a command; undefined when it is none of these. */
export function answerOrders(command: string, args: Record<string, unknown>): unknown {
  const asked = args["query"] as (OrderQuery & { list?: string; query?: OrderQuery }) | undefined;
  switch (command) {
    case "list_orders": {
      const rows = foundOrders(asked as OrderQuery);
      const from = Number(args["cursor"] ?? 0);
      const next = from + 200 < rows.length ? String(from + 200) : null;
      return { rows: rows.slice(from, from + 200), next };
    }
    case "order_story":
      return story(String(args["number"]));
    case "table_sums": {
      if (asked?.list !== "orders" || !asked.query) return undefined;
      const ids = args["ids"] as string[] | null;
      const rows = foundOrders(asked.query).filter(({ id }) => !ids || ids.includes(id));
      const sum = rows.reduce((all, row) => all + row.amount.minor, 0);
      return [{ column: "amount", count: rows.length, amount: cny(sum) }];
    }
    default:
      return undefined;
  }
}
