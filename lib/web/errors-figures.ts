import type { Database, Db } from "#lib/db.ts";
import { readMailStanding } from "#lib/notifications/read-standing.ts";
import type { NotificationPolicy } from "#lib/notifications/schema.ts";
import { constantOffsetMinutes } from "#lib/time/wall-time.ts";
import type { ErrorFilter } from "#lib/webhook-errors/filter.ts";
import { listChanges } from "#lib/webhook-errors/list-changes.ts";
import { countErrorRows } from "#lib/webhook-errors/list-rows.ts";
import { resolveRange } from "#lib/webhook-errors/range.ts";
import { readErrorsPage } from "#lib/webhook-errors/read-page.ts";
import { readProblems } from "./read-problems.ts";

type Handles = Pick<Database, "db" | "pool">;
type Asked = { channelId: string; filter: ErrorFilter; timeZone: string };
type Bounds = {
  /** The database's time. */
  now: Date;
  /** How long rows are kept. */
  retentionDays: number;
};

/** The range of a view as it is at a moment, and whether clocks change within it. */
export function resolveView({ filter, timeZone }: Asked, { now, retentionDays }: Bounds) {
  const range = resolveRange(filter.range, now, { retentionDays, timeZone });
  return { range, hasOffsets: constantOffsetMinutes(timeZone, range.from, range.to) === null };
}

type Range = ReturnType<typeof resolveView>["range"];

/** What costs more the more errors are stored, asked through `grown`; the count of rows is not waited for. */
export async function readGrown(
  grown: Db,
  { pool }: Pick<Handles, "pool">,
  { channelId, filter, timeZone }: Asked,
  range: Range,
) {
  const { from, to } = range;
  const [data, problems] = await Promise.all([
    readErrorsPage(grown, { channelId, filter, range, timeZone }),
    readProblems({ grown, pool }, { channelId, from, to }),
  ]);
  const rowCount = countErrorRows(grown, { ...filter, channelId, from, to }).catch(() => null);
  return { figures: { ...data, problems }, rowCount };
}

/** How the channel stands to its mails, and what was changed in the range; `seesLog`: with who changed it. */
export async function readBeside(
  { db, pool }: Handles,
  channelId: string,
  range: Range,
  { policy, seesLog }: { policy: NotificationPolicy; seesLog: boolean },
) {
  const [standing, marks] = await Promise.all([
    readMailStanding(pool, channelId, policy),
    listChanges(db, channelId, range, { seesLog }),
  ]);
  return { standing, ...marks };
}

type Parts = {
  now: Date;
  notCountedSince: Date | null;
  view: ReturnType<typeof resolveView>;
  grown: Awaited<ReturnType<typeof readGrown>>["figures"];
  beside: Awaited<ReturnType<typeof readBeside>>;
};

/** Everything that Statistics > Errors shows of a view and that moves: a page has it, and a stream sends it. */
export const composeFigures = ({ now, notCountedSince, view, grown, beside }: Parts) => ({
  asOf: now,
  notCountedSince,
  ...view,
  ...grown,
  ...beside,
});

export type ReadFigures = ReturnType<typeof composeFigures>;
