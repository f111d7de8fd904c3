import { env } from "#lib/env.ts";
import { unsubscribe } from "#lib/notifications/unsubscribe.ts";
import { database } from "#lib/web/database.ts";
import { linkActor, readLink } from "#lib/web/mail-links.ts";

type Context = { params: Promise<{ token: string }> };

/**
 * What a mail program posts to when somebody presses its button (RFC 8058): no sign-in, no cookie, no origin; the signed
 * token is the permission.
 */
export async function POST(_request: Request, { params }: Context): Promise<Response> {
  const known = readLink((await params).token);
  if (known === null || known.kind === "confirm")
    return new Response("There is no such link.\n", { status: 404 });
  const came = await unsubscribe(database().pool, await linkActor(), known);
  if (came === "forgotten")
    return new Response("This email is too old. Use the link in a newer one.\n", { status: 410 });
  return new Response("These emails are no longer sent.\n");
}

/** A person who opens the address in a browser gets the page with the button: looking ends nothing. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const token = encodeURIComponent((await params).token);
  return Response.redirect(`${env().baseUrl}/unsubscribe/${token}`, 303);
}
