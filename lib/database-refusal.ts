import { AppError } from "./app-error.ts";
import { isDatabaseAway, isDatabaseBusy } from "./database-away.ts";

/** When whoever was refused may come back. */
export const databaseAgainSeconds = 2;

/** An error of the database that may pass by itself, as the refusal that people are told; any other as it is. */
export function refusedByDatabase(error: unknown): unknown {
  if (!isDatabaseAway(error) && !isDatabaseBusy(error)) return error;
  return new AppError(
    "unavailable",
    "The database is not responding right now: try again in a moment.",
    {
      key: "database_away",
      values: { seconds: databaseAgainSeconds },
      cause: error,
    },
  );
}
