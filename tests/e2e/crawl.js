// Opens every figure of a page and compares it with what opens. Run inside the real window.
// What the page says of its figures, for this script and for whoever reads pages by program:
//   .money[data-minor]     a figure, in minor units; [data-currency] its currency
//   a, button, [data-figure] around it      it can be opened
//   [data-sum=x]           a total of the [data-part=x] of the rows beside it
//   [data-adds-up]         its [data-total] is the sum of its [data-addend]
//   [data-derived]         computed by a rule named beside it, not a sum of rows
//   [data-paper]           a page as it will be printed
//   [data-echo]            what a person typed or asked for: nothing opens, nor looks as if it did
//   [data-picked=x]        at the foot of a list, what its rows, or those picked, add up to
//   [data-count]           a count, inside or on what opens as many rows
//   [data-rows]            how many rows a page has in all
// and of the report of an import:
//   [data-files]           as many files as the list has rows
//   [data-proofs]          shows as many [data-proof]
//   [data-aside]           leads to as many [data-set-aside] of one document
//   [data-line]            opens that line
const done = arguments[0];
const asked = ASKED;

const problems = [];
const seen = { figures: 0, opened: 0, sums: 0, lines: 0, counts: 0 };
const pause = (ms) => new Promise((go) => setTimeout(go, ms));
const all = (css, root = document) => [...root.querySelectorAll(css)];
const minorOf = (money) => BigInt(money.dataset.minor);
const size = (minor) => (minor < 0n ? -minor : minor);
const at = () => location.hash;

async function until(test, what, patience = 60000) {
  const begun = Date.now();
  for (;;) {
    const value = test();
    if (value) return value;
    if (Date.now() - begun > patience) throw new Error(`waited in vain for ${what} on ${at()}`);
    await pause(8);
  }
}

/** What was scrolled to is drawn: the list hears of it in one frame and draws in the next. */
const drawn = () =>
  new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(go, 8))));

/** Nothing is being loaded, and nothing has changed for a moment. */
async function settled() {
  let last = "";
  let calm = 0;
  await until(() => {
    const main = document.querySelector("main");
    const busy = !main || main.ariaBusy === "true" || main.querySelector("[aria-busy=true]");
    const now = main ? `${main.innerText.length} ${all(".money", main).length}` : "";
    calm = !busy && now === last && now.length > 3 ? calm + 1 : 0;
    last = now;
    return calm >= 3;
  }, "a settled page");
}

/** Goes to an address from a page without figures, so that none is left over. */
async function go(hash) {
  location.hash = "#/help";
  await until(() => all("main .money").length === 0, "an empty page");
  location.hash = hash;
  await settled();
}

const nameOf = (money) => {
  const row = money.closest("tr, li, [role=row], p, h1, dl") ?? money.parentElement;
  return `${at()}: ${money.dataset.minor} in "${row.innerText.replaceAll("\n", " ").slice(0, 70)}"`;
};

/** How a figure leads home. */
function leadOf(money) {
  if (money.closest("[data-total], [data-sum], [data-derived], [data-paper]")) return "total";
  const lead = money.closest("a[href], button, [data-figure]");
  if (money.closest("[data-echo]")) return lead ? undefined : "total";
  if (lead) return lead;
  return money.closest("[role=grid] [role=row]") ? "row" : undefined;
}

/** Of the same currency: others are never added up. */
const alike = (one) => (other) => other.dataset.currency === one.dataset.currency;

/** Totals with their addends beside them, each currency by itself. */
function addUp() {
  for (const box of all("[data-adds-up]")) {
    const own = (css) => all(`${css} .money`, box).filter((m) => m.closest("[data-adds-up]") === box);
    const totals = own("[data-total]");
    if (totals.length === 0) problems.push(`${at()}: no total in "${box.innerText.slice(0, 70)}"`);
    for (const total of totals) {
      const same = own("[data-addend]").filter(alike(total));
      const sum = same.reduce((sum, money) => sum + minorOf(money), 0n);
      if (minorOf(total) !== sum) {
        problems.push(`${nameOf(total)}: the addends beside it make ${sum}`);
      }
    }
    seen.sums += 1;
  }
}

/** The sum of a page in a currency, as the page says it. */
function sumShown(currency) {
  const shown = all("main [data-sum=amount] .money, main [data-sum=amount].money");
  return shown.find((money) => money.dataset.currency === currency);
}

/** Scrolls through the rows and adds up what they show; undefined for a list too long. */
async function rowsAdd(part, currency, root = document.querySelector("main")) {
  const parts = all(`[data-part=${part}] .money`, root);
  const loose = parts.filter((money) => !money.closest("[role=row]"));
  const first = parts.find((money) => money.closest("[role=row]"));
  const fits = (money) => money.dataset.currency === currency;
  let sum = loose.filter(fits).reduce((sum, money) => sum + minorOf(money), 0n);
  if (!first) return loose.length > 0 ? sum : undefined;
  const grid = first.closest("[role=grid]");
  const count = Number(grid.getAttribute("aria-rowcount")) - 1;
  if (count < 0 || count > asked.rows) return undefined;
  const scroller = grid.querySelector("[role=rowgroup]");
  const rows = new Map();
  for (let top = 0; ; top += Math.max(40, scroller.clientHeight - 60)) {
    scroller.scrollTop = top;
    await drawn();
    await until(() => !scroller.querySelector(".row[aria-busy]"), "rows that are scrolled to");
    for (const row of all("[role=row][aria-rowindex]", scroller)) {
      const money = row.querySelector(`[data-part=${part}] .money`);
      if (money && fits(money)) rows.set(row.getAttribute("aria-rowindex"), minorOf(money));
    }
    if (top + scroller.clientHeight >= scroller.scrollHeight) break;
  }
  scroller.scrollTop = 0;
  for (const minor of rows.values()) sum += minor;
  return sum;
}

/** Every total of a list, against its rows. */
async function listTotals() {
  for (const total of all("main [data-sum] .money")) {
    const part = total.closest("[data-sum]").dataset.sum;
    const sum = await rowsAdd(part, total.dataset.currency, total.closest("main section, main"));
    if (sum === undefined) continue;
    seen.sums += 1;
    if (minorOf(total) !== sum) problems.push(`${nameOf(total)}: its rows make ${sum}`);
  }
}

/** A line of a file is shown, or the file where no line of it is meant; closes it. */
async function readLine(what, whole = false) {
  await until(() => document.querySelector("[data-evidence=file]"), `the line of ${what}`, 6000);
  const said = (name) => document.querySelector(`[data-evidence=${name}]`)?.innerText;
  const place = () => (whole ? said("line") === undefined : said("line"));
  await until(() => said("file") && place() && said("text"), `the words of ${what}`, 6000);
  seen.lines += 1;
  // The drawer may be drawn anew while it fills.
  const close = await until(
    () =>
      document
        .querySelector("[data-evidence=file]")
        ?.closest("[role=dialog]")
        ?.querySelector("header button"),
    `the way out of ${what}`,
  );
  close.click();
  await until(() => !document.querySelector("[data-evidence=file]"), "the line to close");
}

/** Opens a row of a list, and the line behind it. */
async function openRow(row, what) {
  const before = at();
  row.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
  const opened = await until(
    () =>
      document.querySelector("[data-evidence=line]") ??
      document.querySelector(".drawer.detail dl button") ??
      document.querySelector("[data-preview]") ??
      (at() !== before && document.querySelector("[data-payout=paid], [data-order=total]")),
    `what opens behind a row of ${what}`,
    6000,
  );
  if (opened.matches("[data-evidence=line]")) return readLine(what);
  if (opened.closest(".drawer.detail")) {
    opened.click();
    return readLine(what);
  }
  // A question over the page: nothing is decided.
  if (opened.matches("[data-preview]")) {
    [...opened.closest("[role=dialog]").querySelectorAll(".acts button")].at(-1).click();
    await until(() => !document.querySelector("[role=dialog]"), "the question to close");
  }
  return undefined;
}

/** How many rows the page says it has. */
const rowsShown = () =>
  document.querySelector("main [data-rows]:not([data-rows=''])")?.dataset.rows;

/** Kinds of pages of which a row was opened. */
const kinds = new Set(asked.kinds);

/** Opens a count and compares it with the rows of what opens. */
async function followCount({ hash, count, name }) {
  await go(hash);
  seen.counts += 1;
  await until(() => rowsShown() === count, "as many rows", 3000).catch(() => undefined);
  const shown = rowsShown();
  if (shown !== count) problems.push(`${name} counts ${count}, ${hash} has ${shown} rows`);
  // Rows of a file add up as well, and the first one stands in it.
  if (!hash.startsWith("#/import/")) return;
  await listTotals();
  if (kinds.has("#/import/#")) return;
  kinds.add("#/import/#");
  await openRow(document.querySelector("main [role=rowgroup] [role=row]"), hash);
}

/** Counts that narrow the page they stand on. */
async function pressCounts(hash) {
  for (let at = 0; at < all("main button [data-count]").length; at += 1) {
    await go(hash);
    const counted = all("main button [data-count]")[at];
    const { count } = counted.dataset;
    counted.closest("button").click();
    await settled();
    seen.counts += 1;
    await until(() => rowsShown() === count, "as many rows", 3000).catch(() => undefined);
    if (rowsShown() !== count) problems.push(`${hash} counts ${count}, has ${rowsShown()} rows`);
  }
}

/** The first rows lead to their lines; the amount above the line is the row's. */
async function everyRow(hash) {
  const rows = () => all("main [role=rowgroup] [role=row]");
  for (let at = 0; at < Math.min(asked.rowsOpened, rows().length); at += 1) {
    await go(hash);
    const row = rows()[at];
    const amount = row?.querySelector("[data-part=amount] .money");
    if (!amount) continue;
    row.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    const opened = await until(
      () => document.querySelector(".drawer.detail dl button, [data-evidence=line]"),
      `what is behind a row of ${hash}`,
      6000,
    );
    const title = document.querySelector(".drawer.detail [data-dialog-title] .money");
    if (title && minorOf(title) !== minorOf(amount)) {
      problems.push(`${nameOf(amount)} opens with ${title.dataset.minor}`);
    }
    if (opened.matches("button")) opened.click();
    await readLine(`a row of ${hash}`);
  }
}

/** Every verdict of the calendar: the lines that show it open. */
async function everyVerdict() {
  const told = new Set();
  for (const cell of all("main [role=gridcell]")) {
    const kind = `${cell.className} ${cell.parentElement.rowIndex}`;
    if (cell.classList.contains("none") || told.has(kind)) continue;
    told.add(kind);
    cell.click();
    await pause(20);
    const lines = all("main aside button.line");
    if (lines.length === 0) problems.push(`${at()}: ${cell.ariaLabel} shows no line`);
    for (const line of lines.slice(0, 1)) {
      line.click();
      await readLine(cell.ariaLabel, "whole" in line.dataset);
    }
  }
}

/** Opens a figure and compares it with the sum of what opens. */
async function follow({ hash, minor, currency, name }) {
  await go(hash);
  seen.opened += 1;
  // Where sums are asked for apart from the rows they come a moment later.
  if (minor !== 0n) await until(() => sumShown(currency), "a sum", 3000).catch(() => undefined);
  const shown = sumShown(currency);
  if (!shown) {
    if (minor !== 0n) problems.push(`${name}: ${hash} shows no sum`);
    return;
  }
  // An income stands on the other side of the ledger, and what is paid out leaves the balance.
  const turns = hash.startsWith("#/ledger") || hash.includes("kind=payout");
  const turned = turns ? -minor : minor;
  if (![minor, turned].includes(minorOf(shown))) {
    problems.push(`${name}: ${hash} opens with ${shown.dataset.minor}`);
  }
  const sum = await rowsAdd("amount", currency);
  if (sum !== undefined) {
    seen.sums += 1;
    if (sum !== minorOf(shown)) {
      problems.push(`${hash} says ${shown.dataset.minor}, its rows make ${sum}`);
    }
  }
  const kind = hash.replace(/[0-9]+/g, "#");
  if (kinds.has(kind)) return;
  kinds.add(kind);
  const row = document.querySelector("main [role=rowgroup] [role=row]");
  if (row) await openRow(row, hash);
}

/** Figures of the ledger open beside it, without leaving the page. */
async function followCell(cell) {
  const money = cell.querySelector(".money");
  cell.click();
  await pause(0);
  await until(() => !document.querySelector("main [aria-busy=true]"), "the entries");
  await pause(0);
  seen.opened += 1;
  const [account, side] = cell.dataset.figure.split(" ");
  const title = document.querySelector("section h2[title]")?.title;
  const shown = sumShown(money.dataset.currency);
  const minor = shown ? size(minorOf(shown)) : 0n;
  if (title !== account || minor !== size(minorOf(money))) {
    problems.push(`${nameOf(money)}: ${account} ${side} opens with ${minor} of ${title}`);
  }
}

/** The sums at the foot of a list, as they stand. */
const foot = () => all("main footer [data-picked] .money");
const columnOf = (money) => money.closest("[data-picked]").dataset.picked;
const firstRow = () => document.querySelector("main [role=rowgroup] [role=row]");

/** A press on a sum of a list shows its rows, the keyboard on them; the first leads to its line. */
async function listFoot(hash) {
  await go(hash);
  const count = foot().length;
  for (let at = 0; at < count; at += 1) {
    await go(hash);
    const sum = await until(() => foot()[at], "the foot of the list");
    const name = nameOf(sum);
    const [column, minor, currency] = [columnOf(sum), minorOf(sum), sum.dataset.currency];
    sum.closest("button").click();
    await settled();
    await until(() => document.activeElement?.matches("main [role=grid]"), `the rows of ${name}`);
    seen.opened += 1;
    const same = (other) => columnOf(other) === column && other.dataset.currency === currency;
    await until(() => foot().find(same), "the sum again", 3000).catch(() => undefined);
    const now = foot().find(same);
    if (!now || minorOf(now) !== minor) problems.push(`${name}: the rows make ${now?.innerText}`);
    const row = document.querySelector("main [role=row].current") ?? firstRow();
    await openRow(row, name);
  }
}

/** What classifying would change: before, of it, left; each leads to the rows it is of. */
async function classifyPreview() {
  const hash = "#/breaks?kind=unknown_row";
  const ask = async () => {
    await go(hash);
    firstRow().dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    const preview = await until(() => document.querySelector("[data-preview=classify]"), "preview");
    await pause(50);
    return preview.closest("[role=dialog]");
  };
  let dialog = await ask();
  addUp();
  const leads = new Map();
  let payouts = 0;
  for (const money of all(".money", dialog)) {
    seen.figures += 1;
    const lead = money.closest("a[href], button");
    if (!lead) problems.push(`${nameOf(money)}: nothing opens`);
    const link = lead?.getAttribute("href");
    if (link && money.closest("[data-total]")) {
      payouts += 1;
      const { currency } = money.dataset;
      leads.set(link, { hash: link, minor: minorOf(money), currency, name: nameOf(money) });
    }
  }
  if (payouts === 0) problems.push("no payout would change");
  const line = dialog.querySelector("[data-question] button");
  line.click();
  await readLine("the row that is asked about");
  dialog = await ask();
  const [left] = all("[data-addend] a", dialog).slice(-1);
  const to = left.getAttribute("href");
  left.click();
  await until(() => at() === to && !document.querySelector("[role=dialog]"), "what is left");
  await settled();
  if (!firstRow()) problems.push(`${to} shows no row`);
  for (const lead of leads.values()) await follow(lead);
}

/** A report's numbers that open on the page itself. */
async function importReport() {
  const report = document.querySelector("main .report");
  if (!report) return;
  const files = report.querySelector("[data-files]").dataset.files;
  const listed = all(".report > ul > li", report.parentElement).length;
  seen.counts += 1;
  if (Number(files) !== listed) problems.push(`${files} files, ${listed} in the list`);
  for (const button of all("[data-proofs]", report)) {
    const file = button.closest("li");
    button.click();
    await pause(20);
    seen.counts += 1;
    const shown = all("[data-proof]", file).length;
    if (shown !== Number(button.dataset.proofs)) {
      problems.push(`${file.innerText.slice(0, 60)}: ${shown} totals are shown`);
    }
    button.click();
  }
  for (const button of all("[data-line]", report)) {
    button.click();
    await until(() => document.querySelector("[data-evidence=line]"), "the line set aside", 6000);
    const line = document.querySelector("[data-evidence=line]").innerText;
    if (line !== button.dataset.line) problems.push(`line ${button.dataset.line} opens ${line}`);
    await readLine(`a row set aside`);
  }
  for (const button of all("[data-aside]", report)) {
    button.click();
    await pause(20);
    const row = document.activeElement.closest("[data-set-aside]");
    const of = row?.dataset.setAside;
    const rows = all(`[data-set-aside="${of}"]`).length;
    seen.counts += 1;
    if (rows !== Number(button.dataset.aside)) {
      problems.push(`${button.innerText}: ${rows} rows of ${of} wait`);
    }
  }
}

/** Every figure and count in sight; what they lead to is opened afterwards. */
async function figures(hash) {
  addUp();
  await listTotals();
  const leads = new Map();
  const cells = [];
  for (const money of all("main .money[data-minor]")) {
    if (money.getClientRects().length === 0) continue;
    seen.figures += 1;
    const lead = leadOf(money);
    if (!lead) problems.push(`${nameOf(money)}: nothing opens`);
    else if (lead.matches?.("[data-figure]")) cells.push(lead);
    else if (lead.matches?.("a[href]")) {
      const key = lead.getAttribute("href");
      const found = { hash: key, minor: minorOf(money), currency: money.dataset.currency };
      leads.set(`${key} ${found.minor}`, { ...found, name: nameOf(money) });
    } else if (lead.matches?.("button") && lead.isConnected) {
      const name = nameOf(money);
      lead.click();
      await readLine(name);
    }
  }
  const counts = all("main a[data-count], main a [data-count]").map((counted) => {
    const hash = counted.closest("a").getAttribute("href");
    return { hash, count: counted.dataset.count, name: `${at()}: "${counted.innerText}"` };
  });
  for (const cell of cells) await followCell(cell);
  if (hash.startsWith("#/calendar")) await everyVerdict();
  if (asked.rowsOpened > 0) await everyRow(hash);
  await pressCounts(hash);
  for (const count of counts) {
    const key = `${count.hash} counts`;
    if (asked.followed.includes(key)) continue;
    asked.followed.push(key);
    await followCount(count);
  }
  for (const lead of leads.values()) {
    const key = `${lead.hash} ${lead.minor}`;
    if (asked.followed.includes(key)) continue;
    asked.followed.push(key);
    await follow(lead);
  }
}

async function page(hash) {
  await go(hash);
  if (hash === "#/import") await importReport();
  await figures(hash);
  if (foot().length > 0) await listFoot(hash);
  if (hash === "#/breaks") await classifyPreview();
  if (!asked.tabs) return;
  await go(hash);
  const tabs = () => all("main [role=tab]");
  for (let at = 0; at < tabs().length; at += 1) {
    await go(hash);
    const tab = tabs()[at];
    if (tab.ariaSelected === "true") continue;
    // A press of a mouse is what these tabs listen to.
    tab.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, button: 0 }));
    tab.click();
    await until(() => tabs()[at].ariaSelected === "true", `the tab ${tab.innerText}`, 3000);
    await settled();
    await figures(hash);
  }
}

page(asked.hash)
  .catch((error) => problems.push(String(error.message ?? error)))
  .finally(() => done({ problems, seen, followed: asked.followed, kinds: [...kinds] }));
