// Showing amounts. Text in, text out: no amount is ever computed here.

/** What is shown of an amount; the Rust core gives it. */
export interface Shown {
  currency: string;
  /** Plain decimal text of the major unit: `-1234.05`. */
  major: string;
  /** The same in minor units, so that whoever reads the page by program reads it exactly. */
  minor?: number;
}

/** Pieces of a shown amount, so that the symbol can stand back and the figures line up. */
export interface Pieces {
  sign: "" | "−" | "+";
  symbol: string;
  digits: string;
}

const MINUS = "−";

/** Splits an amount for display. `signed` writes a plus before money that came in. */
export function pieces(amount: Shown, tag: string, signed = false): Pieces {
  const negative = amount.major.startsWith("-");
  const plain = negative ? amount.major.slice(1) : amount.major;
  const nothing = /^[0.]*$/.test(plain);
  return {
    sign: negative && !nothing ? MINUS : signed && !nothing ? "+" : "",
    symbol: symbol(amount.currency, tag),
    digits: group(plain),
  };
}

/** An amount as one string: `¥1,234.05`, `−¥12.00`. */
export function money(amount: Shown, tag: string, signed = false): string {
  const { sign, symbol, digits } = pieces(amount, tag, signed);
  return `${sign}${symbol}${digits}`;
}

/** An amount as it is said aloud: `人民币 −12.00`. */
export function spoken(amount: Shown, tag: string): string {
  const { sign, digits } = pieces(amount, tag);
  return `${currencyName(amount.currency, tag)} ${sign}${digits}`;
}

/** True for an amount that is exactly nothing. */
export function isZero(amount: Shown): boolean {
  return /^-?[0.]*$/.test(amount.major);
}

/** True for an amount below nothing. */
export function isNegative(amount: Shown): boolean {
  return amount.major.startsWith("-") && !isZero(amount);
}

/** Grouping by threes, on the text: a number type could not hold every book's sum exactly. */
function group(plain: string): string {
  const [whole = "", part] = plain.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return part === undefined ? grouped : `${grouped}.${part}`;
}

const symbols = new Map<string, string>();

/** The short symbol of the yuan; of other currencies one that cannot be taken for it. */
function symbol(currency: string, tag: string): string {
  const key = `${tag} ${currency}`;
  let found = symbols.get(key);
  if (found === undefined) {
    const own = currency === "CNY";
    found = part(currency, tag, own ? "narrowSymbol" : "symbol");
    if (!own && found === part("CNY", tag, "narrowSymbol")) found = `${currency} `;
    symbols.set(key, found);
  }
  return found;
}

function part(currency: string, tag: string, display: "symbol" | "narrowSymbol"): string {
  return new Intl.NumberFormat(tag, { style: "currency", currency, currencyDisplay: display })
    .formatToParts(0)
    .filter((each) => each.type === "currency")
    .map((each) => each.value)
    .join("");
}

const names = new Map<string, string>();

/** A currency as it is called, for those who hear an amount: a symbol is read in many ways. */
export function currencyName(currency: string, tag: string): string {
  const key = `${tag} ${currency}`;
  let found = names.get(key);
  if (found === undefined) {
    found = new Intl.DisplayNames(tag, { type: "currency" }).of(currency) ?? currency;
    names.set(key, found);
  }
  return found;
}
