import type { Database, Db } from "#lib/db.ts";
import type { FailingPolicy } from "#lib/endpoint-health/schema.ts";
import type { Figures } from "#lib/live/board.ts";
import type { LiveView } from "#lib/live/view.ts";
import { toWire } from "#lib/live/wire.ts";
import { can } from "#lib/members/permissions.ts";
import type { NotificationPolicy } from "#lib/notifications/schema.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { findCounting } from "#lib/webhook-errors/find-counting.ts";
import { withoutAuthor } from "#lib/webhook-errors/list-changes.ts";
import { within } from "#lib/within.ts";
import { readChannelStanding, standingStamp } from "./channel-standing.ts";
import { composeFigures, readBeside, readGrown, resolveView } from "./errors-figures.ts";

export type FiguresSources = {
  database: Pick<Database, "db" | "pool">;
  /** Answers what costs more the more is stored, within the bounds of lib/reading. */
  read: <T>(ask: (grown: Db) => Promise<T>) => Promise<T>;
  retentionDays: number;
  notificationPolicy: NotificationPolicy;
  failingPolicy: FailingPolicy;
};

/** The figures do not wait longer for the number of rows, which then is not told. */
const countMs = 500;

/**
 * What a stream sends of a view: its figures, the number of rows, and `around`, how the channel's head stands. Read once for
 * all; who changed what is left out for roles that may not see it.
 */
export async function readLiveFigures(
  { database, read, ...sources }: FiguresSources,
  asked: { channelId: string } & LiveView,
): Promise<Figures> {
  const { channelId } = asked;
  const { db, pool } = database;
  const { retentionDays, notificationPolicy: policy, failingPolicy } = sources;
  const now = await databaseTime(db);
  const view = resolveView(asked, { now, retentionDays });
  const [{ figures: grown, rowCount }, beside, standing, counting] = await Promise.all([
    read(async (one) => {
      const { figures, rowCount: counted } = await readGrown(one, { pool }, asked, view.range);
      return { figures, rowCount: await within(countMs, counted).catch(() => null) };
    }),
    readBeside(database, channelId, view.range, { policy, seesLog: true }),
    readChannelStanding(db, channelId, { role: "member", now, policy: failingPolicy }),
    findCounting(db, channelId),
  ]);
  const notCountedSince = counting.state === "off" ? counting.since : null;
  const figures = composeFigures({ now, notCountedSince, view, grown, beside });
  const around = standingStamp(standing);
  return (role) => {
    const changes = can(role, "see_audit")
      ? figures.changes
      : figures.changes.map((change) => withoutAuthor(change));
    return toWire({ ...figures, changes, rowCount, around });
  };
}
