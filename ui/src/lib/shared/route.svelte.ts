// Where in the window we are. A hash route needs no server and survives a reload.

/** A page with its argument. */
export type Route =
  | { page: "home" }
  | { page: "payouts" }
  | { page: "payout"; id: string; component: string | null }
  | { page: "import" };

/** Reads `#/payouts/ID?component=fees`; anything unknown is Home. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [area, id] = path.split("/");
  if (area === "payouts" && id) {
    const component = new URLSearchParams(query).get("component");
    return { page: "payout", id: decodeURIComponent(id), component };
  }
  if (area === "payouts") return { page: "payouts" };
  if (area === "import") return { page: "import" };
  return { page: "home" };
}

/** The address of a route. */
export function hrefOf(route: Route): string {
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
}

export const router = new Router();
