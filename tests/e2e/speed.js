// Measures in the page: what is asked for, until it is painted. Calls back with whole milliseconds.
const done = arguments[arguments.length - 1];
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const frames = [];

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
      // What is there in one frame's turn is on the screen by the next.
      await frame();
      return performance.now() - begun;
    }
  }
  throw new Error(`nothing else was drawn; the page shows ${before.slice(0, 200)}`);
}

const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const rows = () => document.querySelector("[role=grid] .all")?.innerText ?? "";
const found = () =>
  document.querySelector(".palette [role=status]")?.innerText +
  document.querySelector("#palette-list")?.innerText;

const WAYS = {
  /** Goes to each address in turn. */
  async go(addresses) {
    const times = [];
    for (const address of addresses) {
      times.push(await drawn(() => (location.hash = address), rows));
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
        field.dispatchEvent(new Event("input"));
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
    done({ times: times.map(Math.round), frames: frames.map(Math.round) });
  },
  (problem) => done({ problem: String(problem) }),
);
