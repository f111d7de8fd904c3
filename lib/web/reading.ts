import "server-only";
import { after } from "next/server";
import { AppError } from "#lib/app-error.ts";
import { logFailure } from "#lib/database-log.ts";
import type { Db } from "#lib/db.ts";
import { runtimeEnv } from "#lib/env.ts";
import { openReading } from "#lib/reading/open-reading.ts";
import { consoleLog } from "./log.ts";
import { readSessionId } from "./session-cookie.ts";
import { sharedRooms } from "./shared-rooms.ts";

/** What a page was told: `busy`, too much is being read; `long`, this takes too long. */
export type Read<T> = { state: "read"; data: T } | { state: "busy" | "long" };

/**
 * For pages, what `readOrRefuse` answers, with a refusal as a value: a page that has begun has no status of its own any more,
 * and says it in its place.
 */
export async function readForPage<T>(
  userId: string,
  ask: (db: Db) => Promise<T>,
): Promise<Read<T>> {
  try {
    return { state: "read", data: await readOrRefuse(userId, ask) };
  } catch (error) {
    if (error instanceof AppError && error.key === "reading_busy") return { state: "busy" };
    if (error instanceof AppError && error.key === "reading_long") return { state: "long" };
    throw error;
  }
}

/**
 * Answers a question whose cost grows with what is stored, within the bounds of lib/reading; ends when the reader leaves.
 * @throws AppError as `read` of Reading.
 */
export async function readOrRefuse<T>(userId: string, ask: (db: Db) => Promise<T>): Promise<T> {
  const gone = new AbortController();
  // Next calls this when the answer is over, also when its reader has left in the middle of it.
  after(() => gone.abort());
  const sessionId = (await readSessionId()) ?? userId;
  return reading().read({ userId, sessionId }, ask, gone.signal);
}

/** The process's one way for such questions; pages take `readForPage`, which ends with its reader. */
export function reading() {
  sharedRooms.tocsinReading ??= openReading(runtimeEnv().databaseUrl, {
    name: "tocsin-console reading",
    onIdleError: (error) =>
      logFailure(consoleLog(), error, "an idle connection was lost", { level: "warn" }),
  });
  return sharedRooms.tocsinReading;
}
