import "server-only";
import { after } from "next/server";
import { AppError } from "#lib/app-error.ts";
import { reasonOf, recordRefusal } from "#lib/audit/record-refusal.ts";
import { readTried, type TriedAction } from "#lib/audit/tried-action.ts";
import { database } from "./database.ts";
import { isDenial } from "./deny.ts";
import { logDefect } from "./log.ts";
import { currentUser } from "./session.ts";

/**
 * Has a signed-in person's refused try written into the audit log once the answer is on its way: it neither waits for
 * that nor fails by it. What else may be thrown (defects, redirects, faults of the machine) is passed over.
 */
export async function auditRefusal(
  thrown: unknown,
  tried: TriedAction,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const reason = whyRefused(thrown);
  if (reason === null) return;
  try {
    const actor = await currentUser();
    if (actor === null) return;
    const read = readTried(tried, fields);
    after(() => recordRefusal(database().db, { actor, ...read, reason }).catch(logUnwritten));
  } catch (error) {
    logUnwritten(error);
  }
}

function whyRefused(thrown: unknown): string | null {
  if (isDenial(thrown)) return "no_right";
  return thrown instanceof AppError ? reasonOf(thrown) : null;
}

const logUnwritten = (error: unknown): void => {
  logDefect(error, "a refusal could not be written to the audit log");
};
