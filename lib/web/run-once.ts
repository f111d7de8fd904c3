import "server-only";
import type { Db } from "#lib/db.ts";
import {
  beginSubmission,
  dropSubmission,
  endSubmission,
  type Submission,
} from "#lib/submissions/commands.ts";
import { leadTo, pathLedTo } from "./lead-to.ts";

export type ActionAnswer<T> = { message?: string; data?: T } | undefined;

/**
 * Does what a form asks for once, however often it is sent: by a double click before the page is alive, by going back, or
 * by a network that repeats. The later ones are answered as the first was.
 * @throws what `run` throws; AppError conflict as beginSubmission.
 */
export async function runOnce<T>(
  db: Db,
  submission: Submission,
  run: () => Promise<ActionAnswer<T>>,
): Promise<ActionAnswer<T>> {
  const earlier = await beginSubmission(db, submission);
  if (earlier?.location) leadTo(earlier.location);
  if (earlier !== null) return earlier.message === null ? undefined : { message: earlier.message };
  try {
    const outcome = await run();
    const isShownOnce = outcome?.data !== undefined;
    const message = outcome?.message ?? null;
    await endSubmission(db, submission, { message, location: null, isShownOnce });
    return outcome;
  } catch (error) {
    const location = pathLedTo(error);
    if (location === null) await dropSubmission(db, submission);
    else await endSubmission(db, submission, { message: null, location, isShownOnce: false });
    throw error;
  }
}
