import { isDatabaseAway, isDatabaseBusy, isDatabaseFull } from "#lib/database-away.ts";
import type { IntakeTrouble } from "./schema.ts";

/** What an error of the intake's statements says of the database; null when it says nothing of it. */
export function troubleOf(error: unknown): IntakeTrouble | null {
  if (isDatabaseFull(error)) return "disk_full";
  if (isDatabaseBusy(error)) return "database_busy";
  return isDatabaseAway(error) ? "database_away" : null;
}
