import { AppError } from "#lib/app-error.ts";

/**
 * Refuses a change asked for by another site. A browser says where a request comes from in `Sec-Fetch-Site`; one that
 * does not (plain http on another host name than localhost) must send an `Origin` equal to the console's own.
 * Does not protect from scripts that run in the console's own pages: the Content-Security-Policy does.
 * @throws AppError forbidden
 */
export function guardMutation(headers: Headers, ownOrigin: string): void {
  const site = headers.get("sec-fetch-site");
  if (site === "same-origin") return;
  if (site === null && headers.get("origin") === ownOrigin) return;
  throw new AppError(
    "forbidden",
    `This request came from another site. Open the console at ${ownOrigin} (BASE_URL).`,
    { key: "foreign_origin", values: { origin: ownOrigin } },
  );
}
