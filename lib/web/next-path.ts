import { z } from "zod";

/** Longer than any address that a page of ours makes; what is carried in a cookie has an end. */
export const nextPathLengthMax = 2_000;

/** A form's field for such a path. */
export const NextPath = z.string().max(nextPathLengthMax).default("");

/** Names of pages and ids; nothing that could be read in another way, such as a dot, a percent sign or a second slash. */
const pathOfPage = /^\/(console|invitation)(\/[\w-]+)*$/;
/** What stands in an address as browsers write it: no space, control, backslash or anything beyond ASCII. */
const query = /^[!$-;=?-Z[\]^-~]*$/;

/**
 * A path of this console with its query, that a person may be sent to, or null. Whoever writes addresses can at most lead people
 * to a page of the console itself: a path that a browser could read as another host, or as another path, is none.
 */
export function safePath(text: string | null | undefined): string | null {
  if (!text || text.length > nextPathLengthMax) return null;
  const end = text.indexOf("?");
  const path = end === -1 ? text : text.slice(0, end);
  return pathOfPage.test(path) && query.test(text.slice(path.length)) ? text : null;
}

/** What a request asks for, as the proxy tells it to pages and actions; Next does not. */
export const askedPathHeader = "x-tocsin-asked-path";

/** Without what Next adds for itself. */
export function askedPathOf({ pathname, search }: { pathname: string; search: string }): string {
  const asked = new URLSearchParams(search);
  if (!asked.has("_rsc")) return pathname + search;
  asked.delete("_rsc");
  return asked.size === 0 ? pathname : `${pathname}?${asked}`;
}

/** The page to sign in at, from which a person comes to `path`; where that is too long or odd, to its page without a query. */
export function signInPath(path: string | null): string {
  const next = safePath(path) ?? safePath(path?.split("?")[0]);
  if (next === null || next === "/console") return "/sign-in";
  return `/sign-in?${new URLSearchParams({ next })}`;
}
