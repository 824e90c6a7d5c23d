// Where in the window we are. A hash route needs no server and survives a reload.

/** Pages whose address carries what they are narrowed to. */
const LISTS = ["orders", "transactions", "ledger", "calendar", "bank", "reports"] as const;
/** One of {@link LISTS}. */
export type ListPage = (typeof LISTS)[number];
/** What a page is narrowed to, as it stands in the address. */
export type Query = Record<string, string>;

/** A page with its argument. */
export type Route =
  | { page: "home" }
  | { page: ListPage; query: Query }
  | { page: "payouts" }
  | { page: "payout"; id: string; component: string | null }
  | { page: "order"; id: string }
  | { page: "breaks"; kind: string | null }
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
  if (area === "payouts") return { page: "payouts" };
  if (area === "breaks") return { page: "breaks", kind: new URLSearchParams(query).get("kind") };
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
  if (route.page === "breaks" && route.kind) {
    return `#/breaks?kind=${encodeURIComponent(route.kind)}`;
  }
  if (route.page === "file") return `#/import/${encodeURIComponent(route.document)}`;
  if (route.page === "order") return `#/orders/${encodeURIComponent(route.id)}`;
  if (route.page !== "payout") return `#/${route.page}`;
  const query = route.component ? `?component=${encodeURIComponent(route.component)}` : "";
  return `#/payouts/${encodeURIComponent(route.id)}${query}`;
}

class Router {
  current = $state<Route>({ page: "home" });

  /** Follows the address from now on. */
  start() {
    const read = () => {
      this.current = parseRoute(location.hash);
    };
    read();
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }

  go(route: Route) {
    location.hash = hrefOf(route);
  }

  /** Narrows the page shown without a new step back; the page is asked nothing. */
  narrow(page: ListPage, query: Query) {
    history.replaceState(null, "", hrefOf({ page, query }));
  }
}

export const router = new Router();
