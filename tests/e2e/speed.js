// Measures in the page: what is asked for, until it is painted. Calls back with whole milliseconds.
const done = arguments[arguments.length - 1];
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
// The page is laid out and painted in the same turn, after the frame's own call: a message sent
// in that call arrives when that is done.
const { port1: sent, port2: heard } = new MessageChannel();
const painted = () =>
  new Promise((resolve) => {
    heard.onmessage = resolve;
    sent.postMessage(0);
  });
const frames = [];
// Frames in which a row in sight was not there yet.
let late = 0;

// Every frame there is, so that none over the bound goes unseen.
let watching = true;
(function watch(last) {
  requestAnimationFrame((now) => {
    if (last !== undefined) frames.push(now - last);
    if (watching) watch(now);
  });
})();

/** Acts, and tells how long it took until something else is painted. */
async function drawn(act, shown) {
  const before = shown();
  const begun = performance.now();
  act();
  while (performance.now() - begun < 10000) {
    await frame();
    const now = shown();
    if (now && now !== before) {
      await painted();
      return performance.now() - begun;
    }
  }
  throw new Error(`nothing else was drawn; the page shows ${before.slice(0, 200)}`);
}

const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// Text as it is in the page: what is asked of the layout would be paid for in the frame's time.
const textOf = (css) => document.querySelector(css)?.textContent ?? "";
const missing = () => document.querySelector("[role=grid] .row[aria-busy]");
const rows = () => (missing() ? "" : textOf("[role=grid] .all"));
const found = () => textOf(".palette [role=status]") + textOf("#palette-list");

/** What can be clicked or chosen now: the page may have drawn it anew. */
function control(css, at) {
  const found = document.querySelectorAll(css)[at];
  if (!found) throw new Error(`no ${css} number ${at}`);
  return found;
}

const WAYS = {
  /** Clicks each link or button in turn. */
  async click(controls) {
    const times = [];
    for (const [css, at] of controls) {
      const act = control(css, at);
      times.push(await drawn(() => act.click(), rows));
      await rest(150);
    }
    return times;
  },
  /** Presses each key in the list in turn. */
  async press(keys) {
    const list = control("[role=grid]", 0);
    const times = [];
    for (const key of keys) {
      const act = () => list.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      times.push(await drawn(act, rows));
      await rest(150);
    }
    return times;
  },
  /** Chooses a value in each select in turn. */
  async choose(choices) {
    const times = [];
    for (const [css, at, value] of choices) {
      const field = control(css, at);
      const act = () => {
        field.value = value;
        if (field.value !== value) throw new Error(`${css} has no ${value}`);
        field.dispatchEvent(new Event("change", { bubbles: true }));
      };
      times.push(await drawn(act, rows));
      await rest(150);
    }
    return times;
  },
  /** Types each text into the search, whole, as a hand does that knows it. */
  async find(texts) {
    const field = document.querySelector(".palette input");
    const times = [];
    for (const text of texts) {
      const type = () => {
        field.value = text;
        // It bubbles, as a person's own does: pages listen at their root.
        field.dispatchEvent(new InputEvent("input", { bubbles: true, data: text }));
      };
      times.push(await drawn(type, found));
      await rest(150);
    }
    return times;
  },
  /** Scrolls by so many pixels in every frame. */
  async scroll([count, step]) {
    const list = document.querySelector("[role=grid] .scroll");
    const times = [];
    for (let left = count; left > 0; left -= 1) {
      const begun = performance.now();
      list.scrollTop += step;
      await frame();
      await painted();
      times.push(performance.now() - begun);
      if (missing()) late += 1;
    }
    return times;
  },
  /** In a window of nothing else: as many cells of text as a list shows, so many rows of them new
   * in every frame. */
  async plain([count, step]) {
    const SHOWN = 26;
    const list = document.createElement("div");
    list.style.cssText = "position: fixed; inset: 0; font: 13px/32px sans-serif; overflow: hidden";
    const row = (at) => {
      const made = document.createElement("div");
      made.style.cssText = "display: flex; height: 32px; border-bottom: 1px solid #ddd";
      for (let cell = 0; cell < 8; cell += 1) {
        const span = document.createElement("span");
        span.style.flex = "1";
        span.textContent = cell === 5 ? "桂花拿铁" : `2026-03-01 ${at * 8 + cell}`;
        made.append(span);
      }
      return made;
    };
    for (let at = 0; at < SHOWN; at += 1) list.append(row(at));
    document.body.replaceChildren(list);
    const times = [];
    for (let turn = 1; turn <= count; turn += 1) {
      const begun = performance.now();
      for (let at = 0; at < Math.min(step, SHOWN); at += 1) {
        list.firstChild.remove();
        list.append(row(turn * step + at));
      }
      await frame();
      await painted();
      times.push(performance.now() - begun);
    }
    return times;
  },
  /** Does nothing: the frames of a window at rest. */
  async rest([ms]) {
    await rest(ms);
    return [];
  },
};

WAYS[WAY](WHAT).then(
  (times) => {
    watching = false;
    done({ times: times.map(Math.round), frames: frames.map(Math.round), late });
  },
  (problem) => done({ problem: String(problem) }),
);
