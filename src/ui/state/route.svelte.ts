/** Which screen is open: the part of the address after `#`. A few screens need no router library. */

export const ROUTES = ['sense', 'pose', 'watch', 'settings'] as const;
export type Route = (typeof ROUTES)[number];

/** The screen of a location hash; anything unknown opens Sense. */
export function routeOf(hash: string): Route {
  const name = hash.replace(/^#\/?/, '').split(/[/?]/)[0];
  return ROUTES.find((route) => route === name) ?? 'sense';
}

/** The link to a screen. */
export function hrefOf(route: Route): string {
  return `#/${route}`;
}

export class RouteState {
  #current = $state<Route>('sense');

  get current(): Route {
    return this.#current;
  }

  /** Follows the address until `signal` aborts. */
  follow(page: Window, signal: AbortSignal): void {
    const read = (): void => {
      this.#current = routeOf(page.location.hash);
    };
    read();
    page.addEventListener('hashchange', read, { signal });
  }
}
