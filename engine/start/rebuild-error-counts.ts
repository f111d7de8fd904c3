// npm run errors:rebuild -- [--from 2026-11-01] [--to 2026-11-22] [--channel ID] [--apply]
// Compares what Statistics counts with the single errors that are stored, day by day (UTC), and says where they differ.
// With --apply it mends that. Days whose single errors are no longer kept are left alone.

import { parseArgs } from "node:util";
import { listKeptDays } from "#lib/retention/kept-days.ts";
import { poolTime } from "#lib/time/database-time.ts";
import type { CountDifference } from "#lib/webhook-errors/check-counts.ts";
import { type DayReport, rebuildDays } from "#lib/webhook-errors/rebuild-days.ts";
import { withDatabase } from "./with-database.ts";

const { values } = parseArgs({
  options: {
    from: { type: "string" },
    to: { type: "string" },
    channel: { type: "string" },
    apply: { type: "boolean", default: false },
  },
});

try {
  process.exitCode = await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** 0 when everything agrees at the end, 1 when something was found and not fixed. */
async function run(): Promise<number> {
  const [from, to] = [parseDay("from", values.from), parseDay("to", values.to)];
  return withDatabase(async ({ pool }) => {
    const now = await poolTime(pool);
    const today = parseDay("to", now.toISOString().slice(0, 10)) ?? now;
    const [oldest = today] = await listKeptDays(pool);
    const found = { agrees: 0, differs: 0, fixed: 0, skipped: 0 };
    const options = { from: from ?? oldest, to: to ?? today, channelId: values.channel };
    for await (const report of rebuildDays(pool, { ...options, apply: values.apply })) {
      found[report.state] += 1;
      for (const line of describe(report)) console.log(line);
    }
    console.log(
      `${found.agrees} days agree, ${found.fixed} fixed, ${found.differs} differ, ${found.skipped} skipped (single errors no longer kept).`,
    );
    if (found.differs > 0)
      console.log("Nothing was changed. Run it again with --apply to fix them.");
    return found.differs > 0 ? 1 : 0;
  });
}

function describe(report: DayReport): string[] {
  const day = report.day.toISOString().slice(0, 10);
  switch (report.state) {
    case "agrees":
      return [];
    case "skipped":
      return [`${day}  skipped: its single errors are no longer kept`];
    case "differs":
    case "fixed":
      return report.differences.map((one) => `${day}  ${report.state}  ${describeOne(one)}`);
  }
}

function describeOne(one: CountDifference): string {
  const rows = `${one.missing} rows missing, ${one.wrong} wrong, ${one.extra} too many`;
  const counts = `${one.inMinutes} counted by the minute, ${one.inHours} by the hour`;
  return `channel ${one.channelId}: ${rows}; ${one.stored} errors stored, ${counts}`;
}

function parseDay(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const day = new Date(`${text}T00:00:00Z`);
  const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
  if (/^\d{4}-\d\d-\d\d$/.test(text) && isDay) return day;
  throw new Error(`--${name} must be a day such as 2026-11-22 (got ${JSON.stringify(text)})`);
}
