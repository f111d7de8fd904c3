import { AppError } from "#lib/app-error.ts";

/**
 * Refuses a change asked for by another site. A browser says where a request comes from in `Sec-Fetch-Site`; one that
 * does not (plain http on another host name than localhost) must send an `Origin` equal to the console's own.
 * Does not protect from scripts that run in the console's own pages: the Content-Security-Policy does.
 * @throws AppError forbidden
 */
export function guardMutation(headers: Headers, ownOrigin: string): void {
  const site = headers.get("sec-fetch-site");
  const asked = headers.get("origin");
  if (site === "same-origin") return;
  if (site === null && asked === ownOrigin) return;
  // Who opened the console by another address than that of BASE_URL looks the same as another site.
  if (site === null && hostOf(asked) !== null) {
    throw new AppError(
      "forbidden",
      `This change came from ${asked}, and the console's address is ${ownOrigin}: open it there, or set BASE_URL.`,
      { key: "other_address", values: { asked: asked ?? "", origin: ownOrigin } },
    );
  }
  throw new AppError(
    "forbidden",
    `This request came from another site. Open the console at ${ownOrigin} (BASE_URL).`,
    { key: "foreign_origin", values: { origin: ownOrigin } },
  );
}

/**
 * Has Next leave the question where a change comes from to guardMutation, which every action and route asks. Next compares
 * `Origin` with the host that a request names, which behind a proxy is anything, and answers 500 before an action of ours is
 * asked. What it compares is made equal; what guardMutation reads stays. Nothing else is to be concluded from the host
 * afterwards: the console's address is BASE_URL, whatever a proxy or a stranger writes.
 */
export function leaveOriginToGuard(headers: Headers, ownOrigin: string): void {
  const asked = headers.get("origin");
  const host = hostOf(asked);
  // Next throws at what is no URL.
  if (asked !== null && host === null) headers.set("origin", "null");
  headers.set("host", new URL(ownOrigin).host);
  headers.set("x-forwarded-host", asked === null ? new URL(ownOrigin).host : (host ?? "null"));
}

/** The host, with its port, of an `Origin`; null where it names none. */
function hostOf(origin: string | null): string | null {
  if (origin === null || !/^https?:\/\/[\w.:[\]-]{1,255}$/i.test(origin)) return null;
  return URL.canParse(origin) ? new URL(origin).host : null;
}
