// Sample connections for working on the Channels page in a browser.
import { cny, FEES } from "./stub-decisions";
import { begin } from "./stub-jobs";
import type {
  BusinessView,
  CheckedKeysView,
  ConnectionKindView,
  DefinedChannelView,
  ConnectionView,
  CoverageView,
  FieldView,
  KeysView,
  SetupInput,
  SourceView,
  StreamView,
  TenderView,
  TroubleView,
} from "./types";

const plain = (name: string, more: Partial<FieldView> = {}): FieldView => {
  return {
    name,
    secret: false,
    needed: true,
    lines: false,
    file: false,
    instead: "",
    ...more,
  };
};
const SECRET = { secret: true };
const PEM = { lines: true };
const MAYBE = { needed: false };
const IN_KEY_FILE = { instead: "pfx" };

const KINDS: ConnectionKindView[] = [
  {
    code: "wechat_pay",
    base: "https://api.mch.weixin.qq.com",
    fields: [
      plain("mchid"),
      plain("appid"),
      plain("merchant_cert_pem", { ...PEM, ...MAYBE }),
      plain("serial_no", MAYBE),
      plain("private_key_pem", { ...SECRET, ...PEM }),
      plain("api_v3_key", SECRET),
      plain("public_key_id", MAYBE),
      plain("public_key_pem", { ...PEM, ...MAYBE }),
    ],
  },
  {
    code: "alipay",
    base: "https://openapi.alipay.com",
    fields: [
      plain("app_id"),
      plain("seller_id"),
      plain("private_key_pem", { ...SECRET, ...PEM }),
      plain("alipay_public_key_pem", { ...PEM, ...MAYBE }),
    ],
  },
  {
    code: "union_pay",
    base: "https://gateway.95516.com",
    fields: [
      plain("mer_id"),
      plain("pfx", { ...SECRET, ...MAYBE, file: true }),
      plain("pfx_password", { ...SECRET, ...MAYBE }),
      plain("sign_cert_pem", { ...PEM, ...IN_KEY_FILE }),
      plain("private_key_pem", { ...SECRET, ...PEM, ...IN_KEY_FILE }),
      plain("middle_cert_pem", PEM),
      plain("root_cert_pem", PEM),
    ],
  },
  {
    code: "stripe",
    base: "https://api.stripe.com",
    fields: [plain("account_id"), plain("secret_key", SECRET)],
  },
  {
    code: "vendure",
    base: "",
    fields: [plain("api_key", SECRET), plain("prefix", MAYBE), plain("watch_days", MAYBE)],
  },
];

const keys = (daysLeft: number | null, until: string | null, id = 1): KeysView => {
  const health = daysLeft === null || daysLeft > 90 ? "fine" : daysLeft < 0 ? "ended" : "soon";
  const state = id === 1 ? "signs" : "stands_by";
  return { id, state, addedAt: "2026-01-15 02:10:00", addedBy: "林青", until, daysLeft, health };
};
const stream = (stream: string, more: Partial<StreamView> = {}): StreamView => {
  const days = { whole: 89, missing: 0, wrong: 0, atEdge: 0, lost: 0 };
  const asks = {
    backlog: 0,
    asked: 50,
    failed: 0,
    lastFine: "2026-04-18 00:50:00",
    lastFailed: null,
    lastFailedCode: "",
  };
  return { stream, provenUntil: "2026-04-16", ...days, ...asks, ...more };
};
const trouble = (date: string): TroubleView => {
  const code = "wrong_hash";
  const tried = { tries: 2, triedAt: "2026-04-18T01:04:00Z", nextAt: "2026-04-18T02:04:00Z" };
  return { stream: "fund:basic", date, code, detail: "", ...tried };
};
const COMMON = {
  fromDate: "2026-01-18",
  paused: false,
  addedAt: "2026-01-15T02:10:00Z",
  addedBy: "林青",
  checkedAt: "2026-04-18T00:50:00Z",
  checkCode: "",
  provenUntil: "2026-04-16",
  nextAt: "2026-04-18 10:03:20",
  offline: false,
  keysHere: true,
  theirUntil: null,
};

const BUSINESSES: BusinessView[] = [
  {
    channel: "wechat_pay",
    fed: "network",
    received: { date: "2026-04-16", payments: 41, amounts: [cny(310_455)] },
    last: null,
    fees: FEES,
    next: { date: "2026-04-17", standing: "overdue", amounts: [cny(308_592)] },
    provenUntil: "2026-03-20",
  },
  {
    channel: "yeepay",
    fed: "files",
    received: { date: "2026-04-15", payments: 2, amounts: [cny(16_450)] },
    last: null,
    fees: null,
    next: null,
    provenUntil: "2026-04-15",
  },
];

const tender = (code: string, more: Partial<TenderView>): TenderView => {
  return {
    code,
    name: null,
    kind: "wallet",
    holder: "channel",
    arrives: "paid_out",
    promisedDays: 2,
    fee: "rate",
    returnsFee: null,
    refundDays: null,
    back: "same_way",
    files: [],
    account: "",
    aliases: [],
    unconfirmed: [],
    ...more,
  };
};
const CARRIED = {
  holder: "carrying",
  arrives: "carrying",
  promisedDays: null,
  fee: "carrying",
  back: "carrying",
};
export const TENDERS: TenderView[] = [
  tender("wechat_pay", {
    returnsFee: true,
    refundDays: 365,
    files: ["wechat_trade_all", "wechat_fund"],
    account: "assets:balance:wechat_pay",
    aliases: ["微信", "微信支付"],
    unconfirmed: ["arrives"],
  }),
  tender("yeepay", {
    holder: "acquirer",
    promisedDays: 4,
    fee: "row",
    files: ["settlements_table"],
    account: "assets:balance:yeepay",
    aliases: ["易宝"],
    unconfirmed: ["arrives", "fee", "returns_fee", "refund_days", "files"],
  }),
  tender("debit_card", { ...CARRIED, kind: "card", aliases: ["借记卡", "储蓄卡"] }),
  tender("other", { ...CARRIED, unconfirmed: ["kind", "holder", "arrives", "fee", "back"] }),
];
const SOURCES: SourceView[] = [
  { channel: "wechat_pay", text: "CMB_DEBIT", rows: 31, tender: "debit_card" },
  { channel: "yeepay", text: "月光宝盒", rows: 1, tender: "other" },
];

let connections: ConnectionView[] = [
  {
    ...COMMON,
    id: 1,
    kind: "wechat_pay",
    accountNo: "1900000109",
    name: "青竹咖啡（微信）",
    base: "https://api.mch.weixin.qq.com",
    keys: [keys(26, "2026-05-14T16:00:00Z"), keys(3, "2026-04-21T16:00:00Z", 2)],
    streams: [
      stream("trade"),
      stream("fund:basic", {
        provenUntil: "2026-03-20",
        whole: 78,
        wrong: 2,
        missing: 9,
        backlog: 11,
        failed: 3,
        lastFailed: "2026-04-18 01:04:00",
        lastFailedCode: "wrong_hash",
      }),
      stream("fund:operation", { whole: 86, atEdge: 2, lost: 1 }),
    ],
    provenUntil: "2026-03-20",
    troubles: [trouble("2026-03-21"), trouble("2026-03-22")],
    needs: [
      { what: "keys_soon", count: 26 },
      { what: "trouble", count: 2 },
      { what: "at_edge", count: 2 },
    ],
  },
  {
    ...COMMON,
    id: 2,
    kind: "alipay",
    accountNo: "2088100200300400",
    name: "青竹咖啡（支付宝）",
    base: "https://openapi.alipay.com",
    keys: [keys(212, "2026-11-16T16:00:00Z")],
    streams: [stream("trade"), stream("fund")],
    troubles: [],
    needs: [],
  },
  {
    ...COMMON,
    id: 3,
    kind: "stripe",
    accountNo: "acct_1QpLmN2eZvKYlo2C",
    name: "Green Bamboo Online",
    base: "https://api.stripe.com",
    paused: true,
    nextAt: null,
    checkedAt: null,
    keys: [keys(null, null)],
    streams: [stream("balance", { provenUntil: null, whole: 0, missing: 90 })],
    provenUntil: null,
    troubles: [],
    needs: [],
  },
];

function stateOf(id: number, stream: string, at: number, count: number): string {
  if (id === 3) return "missing";
  if (at === count - 1) return "not_yet";
  if (stream === "fund:operation") {
    if (at === 0) return "lost";
    return at < 3 ? "at_edge" : "empty";
  }
  if (stream === "fund:basic" && at > 61) {
    if (at < 64) return at === 62 ? "failed" : "broken";
    return at > 80 ? "missing" : "proven";
  }
  return at % 23 === 5 ? "empty" : "proven";
}

function coverageOf(id: number): CoverageView[] {
  const begins = Date.UTC(2026, 0, 18);
  const streams = connections.find((found) => found.id === id)?.streams ?? [];
  return streams.map(({ stream }) => ({
    stream,
    days: Array.from({ length: 90 }, (_, at) => ({
      date: new Date(begins + at * 86_400_000).toISOString().slice(0, 10),
      state: stateOf(id, stream, at, 90),
    })),
  }));
}

const FINE: CheckedKeysView = {
  fine: true,
  code: "",
  detail: "",
  says: "",
  clockOffS: 0,
  streams: [],
};

const SAMPLE = "商户编号,交易时间,易宝流水号,商户订单号,支付方式,渠道订单号,交易类型,交易金额,手续费,结算金额\n";
const DEFINED: DefinedChannelView[] = [
  ["qq_wallet", "wallet"],
  ["baidu_wallet", "wallet"],
  ["yeepay", "aggregator"],
  ["lakala", "terminal"],
  ["bank_gateway", "bank_gateway"],
  ["cod_carrier", "carrier"],
  ["own_1", "own"],
].map(([code = "", family = ""]) => ({
  code,
  family,
  name: null,
  promisedDays: family === "carrier" ? 15 : 4,
  refundDays: null,
  returnsFees: false,
  payers: [],
  closed: code === "baidu_wallet",
  confirmed: false,
  sample: family === "own" ? null : SAMPLE,
}));

/** A key that is too short for its kind is one that the channel does not know. */
function tried(setup: SetupInput): CheckedKeysView {
  const short = setup.fields.some(([name, value]) => name === "serial_no" && value.length < 8);
  if (!short) return FINE;
  const says = "错误的签名，验签失败。请检查商户证书序列号。";
  const streams = [{ stream: "trade", code: "refused_key" }];
  return { fine: false, code: "refused_key", detail: "SIGN_ERROR", says, clockOffS: 4, streams };
}

/** The keys of a connection once others sign, or some were retired. */
function keysAfter(command: string, id: number, keys: number): KeysView[] {
  const known = connections.find((one) => one.id === id)?.keys ?? [];
  if (command === "retire_keys") return known.filter((one) => one.id !== keys);
  const state = (one: KeysView) => (one.id === keys ? "signs" : "stands_by");
  return known.map((one) => ({ ...one, state: state(one) })).reverse();
}

/** Answers what is asked about connections; undefined for everything else. */
export function answerChannels(command: string, args: Record<string, unknown>): unknown {
  const id = Number(args["id"]);
  const change = (to: Partial<ConnectionView>) => {
    connections = connections.map((one) => (one.id === id ? { ...one, ...to } : one));
    return null;
  };
  switch (command) {
    case "list_connections":
      return connections;
    case "channel_businesses":
      return BUSINESSES;
    case "connection_kinds":
      return KINDS;
    case "list_tenders":
      return TENDERS;
    case "list_sources":
      return SOURCES;
    case "defined_channels":
      return DEFINED;
    case "try_setup":
      return tried(args["setup"] as SetupInput);
    case "add_connection":
    case "renew_connection":
      return connections.length + 1;
    case "choose_key_file":
      return {
        field: String(args["field"]),
        number: 1,
        name: args["field"] === "pfx" ? "acp_sign.pfx" : "apiclient_key.pem",
      };
    case "drop_key_files":
      return [{ field: "private_key_pem", number: 2, name: "apiclient_key.pem" }];
    case "forget_key_files":
      return null;
    case "use_keys":
    case "retire_keys":
      return change({ keys: keysAfter(command, id, Number(args["keys"])) });
    case "check_connection":
      return FINE;
    case "pause_connection":
      return change({ paused: args["paused"] === true });
    case "name_channel":
      for (const each of DEFINED) {
        if (each.code === args["code"]) each.name = String(args["name"]).trim() || null;
      }
      return DEFINED.map((each) => ({ ...each }));
    case "rename_connection":
      return change({ name: String(args["name"]) });
    case "remove_connection":
      connections = connections.filter((one) => one.id !== id);
      return null;
    case "carry_key":
    case "receive_key":
      return true;
    case "coverage":
      return coverageOf(id);
    case "sync_channels":
      return begin("sync", "", {
        synced: { connections: [], rowsNew: 0, quarantined: 0, filesWrong: 0, stopped: false },
      });
    default:
      return undefined;
  }
}
