// Where in the window we are. A hash route needs no server and survives a reload.

/** Pages whose address carries what they are narrowed to. */
const LISTS = [
  "payouts",
  "breaks",
  "orders",
  "transactions",
  "ledger",
  "calendar",
  "bank",
  "reports",
] as const;
/** One of {@link LISTS}. */
export type ListPage = (typeof LISTS)[number];
/** What a page is narrowed to, as it stands in the address. */
export type Query = Record<string, string>;

/** A page with its argument. */
export type Route =
  | { page: "home" }
  | { page: ListPage; query: Query }
  | { page: "payout"; id: string; component: string | null }
  | { page: "order"; id: string }
  | { page: "import" }
  | { page: "file"; document: string }
  | { page: "statements" }
  | { page: "channels" }
  | { page: "collect" }
  | { page: "till" }
  | { page: "companies" }
  | { page: "settings" }
  | { page: "help" };

/** Reads `#/payouts/ID?component=fees`; anything unknown is Home. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [area, id] = path.split("/");
  if (area === "payouts" && id) {
    const component = new URLSearchParams(query).get("component");
    return { page: "payout", id: decodeURIComponent(id), component };
  }
  if (area === "orders" && id) return { page: "order", id: decodeURIComponent(id) };
  const list = LISTS.find((page) => page === area);
  if (list) return { page: list, query: Object.fromEntries(new URLSearchParams(query)) };
  if (area === "import" && id) return { page: "file", document: decodeURIComponent(id) };
  if (
    area === "channels" ||
    area === "collect" ||
    area === "till" ||
    area === "import" ||
    area === "statements" ||
    area === "companies" ||
    area === "settings" ||
    area === "help"
  ) {
    return { page: area };
  }
  return { page: "home" };
}

/** The address of a route. */
export function hrefOf(route: Route): string {
  if ("query" in route) {
    const query = new URLSearchParams(route.query).toString();
    return `#/${route.page}${query && `?${query}`}`;
  }
  if (route.page === "file") return `#/import/${encodeURIComponent(route.document)}`;
  if (route.page === "order") return `#/orders/${encodeURIComponent(route.id)}`;
  if (route.page !== "payout") return `#/${route.page}`;
  const query = route.component ? `?component=${encodeURIComponent(route.component)}` : "";
  return `#/payouts/${encodeURIComponent(route.id)}${query}`;
}

/** A query with some of its entries changed; what is empty or as `usual` is left out. */
export function changed(
  query: Query,
  change: Record<string, string | null>,
  usual: Query = {},
): Query {
  const entries = Object.entries({ ...query, ...change });
  const says = (entry: [string, string | null]): entry is [string, string] =>
    !!entry[1] && entry[1] !== usual[entry[0]];
  return Object.fromEntries(entries.filter(says));
}

class Router {
  current = $state<Route>({ page: "home" });
  /** What each list was narrowed to last; nobody follows it. */
  #last: Partial<Record<ListPage, Query>> = {};

  readonly #read = () => {
    const route = parseRoute(location.hash);
    this.current = route;
    if ("query" in route) this.#last[route.page] = route.query;
  };

  /** A link to a page of ours opens it at once; others are the web view's. */
  readonly #follow = (event: MouseEvent) => {
    const held = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || event.button !== 0 || held) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const href = link?.getAttribute("href");
    if (!href?.startsWith("#/")) return;
    event.preventDefault();
    this.visit(href);
  };

  /** Follows the address and every link to a page from now on. */
  start() {
    this.#read();
    addEventListener("hashchange", this.#read);
    addEventListener("popstate", this.#read);
    addEventListener("click", this.#follow);
    return () => {
      removeEventListener("hashchange", this.#read);
      removeEventListener("popstate", this.#read);
      removeEventListener("click", this.#follow);
    };
  }

  /** Opens the page at `href`, one step further. The address is not navigated to: for that the web
   * view asks the program first, which costs a frame. */
  visit(href: string) {
    if (location.hash === href) return;
    try {
      history.pushState(null, "", href);
    } catch {
      // A web view lets a page do this only so often; it can still navigate.
      location.hash = href;
      return;
    }
    this.#read();
  }

  go(route: Route) {
    this.visit(hrefOf(route));
  }

  /** Narrows the page shown without a new step back; the page is asked nothing. */
  narrow(page: ListPage, query: Query) {
    this.#last[page] = query;
    try {
      history.replaceState(null, "", hrefOf({ page, query }));
    } catch {
      // Too often in too short a time: the page is narrowed, its address says so the next time.
    }
  }

  /** The list that one comes from, as one left it. */
  list(page: ListPage): Route {
    return { page, query: this.#last[page] ?? {} };
  }

  /** Forgets how lists were left: those of another book are other lists. */
  forget() {
    this.#last = {};
  }
}

export const router = new Router();
