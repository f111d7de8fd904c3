import "server-only";
import { refresh } from "next/cache";
import { requireProven } from "#lib/accounts/recent-proof.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { AppError } from "#lib/app-error.ts";
import { database } from "./database.ts";
import { readSessionId } from "./session-cookie.ts";

/**
 * For the actions that show a secret or give a way in, which ask the same inside their transaction. A page that stood open until the proof was too old is drawn anew, and asks for it.
 * @throws AppError as requireProven.
 */
export const requireProvenPerson = async (user: SessionUser): Promise<void> =>
  requireProven(database().db, user.id, await readSessionId()).catch(drawAnew);

/** For commands that themselves find out whether proof is needed: its want has the page drawn anew. */
export function drawAnew(error: unknown): never {
  if (error instanceof AppError && error.key === "prove_again") refresh();
  throw error;
}
