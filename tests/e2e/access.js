// What somebody needs who cannot see the window, sees little, or has no mouse. Put into the real
// window once, beside axe-core; `access` then answers for the page as it stands.
const wait = (ms) => new Promise((go) => setTimeout(go, ms));
const each = (css, root = document) => [...root.querySelectorAll(css)];
const shown = (one) => one.getClientRects().length > 0;
const short = (one) => one.outerHTML.replace(/\s+/g, " ").slice(0, 140);

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const CONTROLS =
  "button, a[href], input, select, textarea, summary, [role=button], [role=tab], [role=option], " +
  "[role=gridcell], [role=columnheader], [tabindex]";

/** Nothing is being loaded, and nothing has changed for a moment. */
async function settled() {
  let last = "";
  for (let calm = 0, tries = 0; calm < 3 && tries < 800; tries += 1) {
    const busy = document.querySelector("[aria-busy=true]") !== null;
    const now = `${location.hash} ${document.body.innerText.length} ${each("*").length}`;
    calm = !busy && now === last ? calm + 1 : 0;
    last = now;
    await wait(25);
  }
}

/** Everything the WCAG asks at A and AA, as far as a program can tell. */
async function rules() {
  const told = await axe.run(document, {
    runOnly: TAGS,
    resultTypes: ["violations"],
    preload: false,
  });
  return told.violations.map(({ id, nodes }) => {
    const said = nodes.slice(0, 4).map(({ target, any, none }) => {
      const why = [...any, ...none].map((check) => check.message).join("; ");
      return `${target} ${why}`.slice(0, 280);
    });
    return `${id}: ${said.join(" | ")}${nodes.length > 4 ? ` and ${nodes.length - 4} more` : ""}`;
  });
}

/** What a screen reader says of something: its label, its words, its title. */
function nameOf(one) {
  const named = (one.getAttribute("aria-labelledby") ?? "")
    .split(" ")
    .map((id) => (id && document.getElementById(id)?.textContent) || "")
    .join(" ")
    .trim();
  const label = [...(one.labels ?? [])].map((each) => each.textContent).join(" ").trim();
  return (
    named || one.getAttribute("aria-label") || label || one.textContent.trim() || one.title || ""
  );
}

/** Controls without a name, and cells that belong to no column. */
function names() {
  const found = [];
  for (const one of each(CONTROLS).filter(shown)) {
    const passive = one.tabIndex < 0 && !one.matches("button, a, [role=columnheader]");
    if (!passive && !nameOf(one)) found.push(`no name: ${short(one)}`);
  }
  for (const grid of each("[role=grid], [role=treegrid]").filter(shown)) {
    if (!nameOf(grid)) found.push(`a table without a name: ${short(grid)}`);
    const rows = each("[role=row], tr", grid);
    const [head] = rows;
    const cells = (row) => [...row.children];
    const heads = cells(head ?? grid);
    if (heads.some((one) => !nameOf(one))) found.push(`a column without a name: ${short(grid)}`);
    for (const row of rows.slice(0, 40)) {
      const bad = cells(row).filter(
        (one) => !/^T[DH]$/.test(one.tagName) && !/cell|header/.test(one.role ?? ""),
      );
      if (bad.length > 0) found.push(`not a cell: ${short(bad[0])}`);
      if (cells(row).length !== heads.length) {
        found.push(`${cells(row).length} cells under ${heads.length} columns: ${short(row)}`);
      }
    }
  }
  for (const money of each(".money").filter(shown)) {
    const word = money.querySelector(".name")?.textContent.trim();
    if (!word) found.push(`an amount without its currency: ${short(money)}`);
  }
  return [...new Set(found)].slice(0, 12);
}

const LOOK = [
  "outlineStyle", "outlineWidth", "boxShadow", "stroke", "strokeWidth", "borderColor",
  "backgroundColor", "color", "textDecorationLine",
];
/** How something and what is inside of it look now. */
const lookOf = (one) =>
  // A field may be one with the box around it, which then has the mark.
  [one.parentElement, one, ...each("*", one).slice(0, 200)]
    .map((each) => {
      const how = getComputedStyle(each);
      return LOOK.map((name) => how[name]).join();
    })
    .join("\n");

/** Where the focus stands it can be seen; the keyboard has to be in the page already. */
function marks() {
  const found = [];
  const kinds = new Map();
  const before = document.activeElement;
  for (const one of each(CONTROLS).filter(shown)) {
    if (one.tabIndex < 0 || one.disabled || !one.checkVisibility?.({ visibilityProperty: true })) {
      continue;
    }
    const kind = `${one.tagName} ${one.className?.baseVal ?? one.className} ${one.role ?? ""}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    // Those that look alike are marked alike.
    if (kinds.get(kind) > 2) continue;
    before?.blur?.();
    const plain = lookOf(one);
    one.focus({ focusVisible: true });
    if (document.activeElement !== one) continue;
    if (lookOf(one) === plain) found.push(`no mark of focus: ${short(one)}`);
    one.blur();
  }
  before?.focus?.({ focusVisible: true });
  return found;
}

const scrolls = (one) => /auto|scroll/.test(getComputedStyle(one).overflowX);

/** The window itself never scrolls: what is drawn has to fit it, or scrolls inside a page. */
function still() {
  const { scrollHeight, scrollTop } = document.documentElement;
  const whole = scrollHeight <= innerHeight + 1 && scrollTop === 0;
  return whole ? [] : [`the page is ${scrollHeight} high in ${innerHeight}, at ${scrollTop}`];
}

/** What cannot be reached in a small window: drawn outside, cut off, squeezed to nothing. */
function cut() {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth + 1) found.push(`the page is ${root.scrollWidth} wide`);
  for (const one of each("main, .stage")) {
    if (one.scrollWidth > one.clientWidth + 1) {
      found.push(`${one.tagName} is ${one.scrollWidth} wide in ${one.clientWidth}`);
    }
  }
  for (const one of each("button, a[href], input, select, textarea, .money, h1, h2, th, p")) {
    if (!shown(one) || one.closest(".unseen, [aria-hidden=true]")) continue;
    const box = one.getBoundingClientRect();
    for (let up = one.parentElement; up && up !== root; up = up.parentElement) {
      const how = getComputedStyle(up);
      if (how.position === "fixed" && !up.matches("[role=dialog]")) break;
      const room = up.getBoundingClientRect();
      const wide = how.overflowX !== "visible";
      const high = how.overflowY !== "visible";
      if (wide && scrolls(up) && up.clientWidth > 60) break;
      if (high && /auto|scroll/.test(how.overflowY) && up.clientHeight < 40) {
        found.push(`a list ${up.clientHeight} high: ${short(up)}`);
      }
      const aside = box.right > room.right + 2 || box.left < room.left - 2;
      // Text that ends in an ellipsis says so, and its title or page says the rest.
      const said = how.textOverflow === "ellipsis" && !one.matches(".money");
      if (wide && aside && !said) found.push(`cut off: ${short(one)}`);
      const below = box.bottom > room.bottom + 2 || box.top < room.top - 2;
      if (high && below && !/auto|scroll/.test(how.overflowY)) {
        found.push(`cut off below: ${short(one)}`);
      }
      if (/auto|scroll/.test(how.overflowY)) break;
    }
  }
  return [...new Set(found)].slice(0, 6);
}

window.access = {
  look: async () => {
    await settled();
    return [...(await rules()), ...names(), ...still()];
  },
  marks: async () => {
    await settled();
    return marks();
  },
  cut: async () => {
    await settled();
    return cut();
  },
};
