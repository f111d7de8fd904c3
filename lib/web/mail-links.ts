import "server-only";
import { headers } from "next/headers";
import { type Actor, visitorActor } from "#lib/audit/actor.ts";
import { env, runtimeEnv } from "#lib/env.ts";
import { type MailLink, readMailToken } from "#lib/notifications/mail-token.ts";
import { currentUser } from "./session.ts";
import { visitorOf } from "./visitor.ts";

/** What the link of a mail stands for; null when this installation did not make it. */
export function readLink(token: string): MailLink | null {
  return readMailToken(runtimeEnv().encryptionKey, token);
}

/** Whoever follows the link of a mail: the signed-in person, or a visitor. */
export async function linkActor(): Promise<Actor> {
  return (
    (await currentUser()) ?? visitorActor(visitorOf(await headers(), env().visitorAddressHeader))
  );
}
