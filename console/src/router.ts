import { signal } from "@preact/signals";

/** Where the page is. */
export type Route =
  | { readonly page: "fleet" }
  | { readonly page: "thing"; readonly thingName: string }
  | { readonly page: "anomalies" }
  | { readonly page: "releases" }
  | { readonly page: "release"; readonly app: string; readonly jobId: string }
  | { readonly page: "unknown" };

/** Path and query of the address. */
export const location = signal(current());

export function routeOf(path: string): Route {
  const [first = "", second, third, ...more] = path.split("/").filter(Boolean).map(decode);
  if (more.length > 0) return { page: "unknown" };
  if (first === "" || (first === "things" && second === undefined)) return { page: "fleet" };
  if (first === "things" && second !== undefined && third === undefined) return { page: "thing", thingName: second };
  if (first === "anomalies" && second === undefined) return { page: "anomalies" };
  if (first === "releases" && second === undefined) return { page: "releases" };
  if (first === "releases" && second !== undefined && third !== undefined) {
    return { page: "release", app: second, jobId: third };
  }
  return { page: "unknown" };
}

export function thingPath(thingName: string): string {
  return `/things/${encodeURIComponent(thingName)}`;
}

export function releasePath(app: string, jobId: string): string {
  return `/releases/${encodeURIComponent(app)}/${encodeURIComponent(jobId)}`;
}

/** Notes a part of what is shown (a search, a tab) in the address, so that it can be shared and reloaded. */
export function setQuery(name: string, value: string): void {
  const url = new URL(window.location.href);
  if (value === "") url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  history.replaceState(null, "", url);
  location.value = current();
}

export function queryOf(name: string): string {
  return new URLSearchParams(location.value.search).get(name) ?? "";
}

/** Follows links without loading the page anew, as long as nobody wants them in another tab. */
export function startRouter(): void {
  window.addEventListener("popstate", () => {
    location.value = current();
  });
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.("a");
    if (!link || link.target || link.origin !== window.location.origin || link.hasAttribute("download")) return;
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    if (link.hash && link.pathname === window.location.pathname) return;
    event.preventDefault();
    if (link.href !== window.location.href) history.pushState(null, "", link.href);
    location.value = current();
    window.scrollTo(0, 0);
  });
}

function current() {
  const { pathname, search } = window.location;
  return { path: pathname, search };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
