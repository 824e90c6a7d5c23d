// Signs before the words of a payment; each stands beside its word.

const CHANNEL: Record<string, string> = {
  wechat_pay: "微",
  alipay: "支",
  union_pay: "银",
  stripe: "S",
};
const SCENE: Record<string, string> = {
  NATIVE: "▦",
  JSAPI: "✉",
  APP: "▯",
  MWEB: "◫",
  H5: "◫",
  MICROPAY: "‖",
  FACEPAY: "☺",
  MINIPROG: "◉",
};

/** The sign of a channel. */
export const channelSign = (code: string) => CHANNEL[code] ?? "·";
/** The sign of the way a buyer paid. */
export const sceneSign = (word: string) => SCENE[word] ?? "·";
/** The sign of what a buyer paid from: a card, or a balance. */
export const bankSign = (word: string) =>
  /CREDIT|贷/.test(word) ? "▤" : /DEBIT|借/.test(word) ? "▭" : "○";
