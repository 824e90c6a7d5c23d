// A chart as a picture for paper: what is drawn on the page, set again as one SVG in the colours
// of paper, whatever the window wears. Boxes, marks and words keep their places.

const SVG = "http://www.w3.org/2000/svg";
/** Space around the chart, in its own pixels. */
const EDGE = 16;
/** Space for the title above it. */
const TITLE = 30;
/** Dots a pixel of a PNG: about 400 to the inch on paper. */
const SHARPNESS = 4;
const MARKS = "rect, line, path, circle, text";
const NOTHING = /^rgba\(0, 0, 0, 0\)$|^transparent$|^none$/;

interface Drawn {
  svg: SVGSVGElement;
  width: number;
  height: number;
}

function made(name: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const found = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, String(value));
  found.textContent = text;
  return found;
}

const fontOf = (how: CSSStyleDeclaration) => ({
  "font-family": how.fontFamily.replaceAll('"', "'"),
  "font-size": how.fontSize,
  "font-weight": how.fontWeight,
  "font-variant-numeric": "tabular-nums",
});

/** A shape of an SVG with the colours it has now. */
function mark(shape: SVGElement, left: number, top: number): SVGElement | undefined {
  const how = getComputedStyle(shape);
  if (NOTHING.test(how.fill) && NOTHING.test(how.stroke)) return undefined;
  const copy = shape.cloneNode(true) as SVGElement;
  for (const name of ["class", "style", "tabindex", "role"]) copy.removeAttribute(name);
  const given: Record<string, string> = {
    fill: how.fill,
    stroke: how.stroke,
    "stroke-width": how.strokeWidth,
    "stroke-dasharray": how.strokeDasharray,
    opacity: how.opacity,
    "text-anchor": how.textAnchor,
    transform: `translate(${left} ${top})`,
    ...(shape.tagName === "text" ? fontOf(how) : {}),
  };
  for (const [key, value] of Object.entries(given)) copy.setAttribute(key, value);
  return copy;
}

/** The background of a box of the page, where it has one. */
function box(one: Element, left: number, top: number): SVGElement | undefined {
  const how = getComputedStyle(one);
  const room = one.getBoundingClientRect();
  if (NOTHING.test(how.backgroundColor) || room.width === 0) return undefined;
  const { width, height } = room;
  const rx = Math.min(parseFloat(how.borderTopLeftRadius) || 0, height / 2);
  const place = { x: room.x - left, y: room.y - top, width, height, rx };
  return made("rect", { ...place, fill: how.backgroundColor });
}

/** The line above a box of the page, where it has one. */
function rule(one: Element, left: number, top: number): SVGElement | undefined {
  const how = getComputedStyle(one);
  const width = parseFloat(how.borderTopWidth);
  const room = one.getBoundingClientRect();
  if (!width || how.borderTopStyle === "none" || room.width === 0) return undefined;
  const y = room.y - top + width / 2;
  const ends = { x1: room.x - left, x2: room.right - left, y1: y, y2: y };
  return made("line", { ...ends, stroke: how.borderTopColor, "stroke-width": width });
}

/** A run of words, a line each. */
function* words(node: Text, left: number, top: number): Generator<SVGElement> {
  const parent = node.parentElement;
  if (!parent || parent.closest(".unseen, svg, title, kbd") || !node.data.trim()) return;
  const how = getComputedStyle(parent);
  const range = document.createRange();
  const lines = new Map<number, { text: string; x: number; y: number }>();
  for (let at = 0; at < node.length; at += 1) {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const room = range.getBoundingClientRect();
    if (room.width === 0) continue;
    const line = lines.get(Math.round(room.y)) ?? { text: "", x: room.x, y: room.bottom };
    line.text += node.data[at] ?? "";
    lines.set(Math.round(room.y), line);
  }
  for (const { text, x, y } of lines.values()) {
    const at = { x: x - left, y: y - top - parseFloat(how.fontSize) * 0.24 };
    yield made("text", { ...at, fill: how.color, ...fontOf(how) }, text);
  }
}

/** What `root` shows, as an SVG of its own with a title. */
export function draw(root: HTMLElement, title: string): Drawn {
  const html = document.documentElement;
  const worn = html.dataset["theme"];
  // Nobody sees it: the page is not painted before the theme is back.
  html.dataset["theme"] = "light";
  try {
    const room = root.getBoundingClientRect();
    const [left, top] = [room.x - EDGE, room.y - EDGE - TITLE];
    const width = Math.ceil(room.width + 2 * EDGE);
    const height = Math.ceil(room.height + 2 * EDGE + TITLE);
    const size = { width, height, viewBox: `0 0 ${width} ${height}` };
    const svg = made("svg", { xmlns: SVG, ...size }) as SVGSVGElement;
    svg.append(made("title", {}, title), made("rect", { width, height, fill: "#ffffff" }));
    const ink = { ...fontOf(getComputedStyle(root)), "font-size": "15px", "font-weight": 600 };
    svg.append(made("text", { x: EDGE, y: EDGE + 14, fill: "#17211f", ...ink }, title));
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (node instanceof Text) svg.append(...words(node, left, top));
      else if (node instanceof SVGElement && node.matches(MARKS)) {
        const frame = (node.ownerSVGElement ?? node).getBoundingClientRect();
        const copy = mark(node, frame.x - left, frame.y - top);
        if (copy) svg.append(copy);
      } else if (node instanceof HTMLElement) {
        const drawn = [box(node, left, top), rule(node, left, top)];
        svg.append(...drawn.filter((one) => one !== undefined));
      }
    }
    return { svg, width, height };
  } finally {
    if (worn === undefined) delete html.dataset["theme"];
    else html.dataset["theme"] = worn;
  }
}

/** The SVG as text. */
export const svgText = ({ svg }: Drawn): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(svg)}\n`;

/** The same as the bytes of a PNG, in hexadecimal: that is how they cross to the program. */
export async function pngText(drawn: Drawn): Promise<string> {
  const address = URL.createObjectURL(new Blob([svgText(drawn)], { type: "image/svg+xml" }));
  try {
    const image = new Image(drawn.width, drawn.height);
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [drawn.width * SHARPNESS, drawn.height * SHARPNESS];
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((go) => canvas.toBlob(go, "image/png"));
    const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  } finally {
    URL.revokeObjectURL(address);
  }
}
