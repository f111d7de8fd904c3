import type { ServerTrouble } from "#lib/outbox/schema.ts";
import { asSmtpError, judgeSmtpError } from "./judge-smtp-error.ts";
import { type MailServer, openTransport } from "./mail-transport.ts";

/** What is wrong with the mail server; `error` is its words, or what went wrong here. */
export type CheckedServer = { trouble: ServerTrouble; error: string } | null;

/** Connects, greets, begins TLS and signs in, as for a mail; sends none. Null: mails come that far. */
export async function checkMailServer(server: MailServer): Promise<CheckedServer> {
  const { transport, progress } = openTransport(server);
  try {
    await transport.verify();
    return null;
  } catch (error) {
    const outcome = judgeSmtpError(asSmtpError(error), { ...progress, stopping: false });
    if (outcome.kind === "unreachable") return { trouble: outcome.trouble, error: outcome.error };
    return { trouble: "connection", error: asSmtpError(error).message };
  } finally {
    transport.close();
  }
}
