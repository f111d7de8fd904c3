import type { Db } from "#lib/db.ts";
import { countErrorsByBucket } from "./count-by-bucket.ts";
import type { ErrorFilter } from "./filter.ts";
import { breakAtGaps, listCountingGaps } from "./list-gaps.ts";
import { listErrorRows } from "./list-rows.ts";
import { summariseErrors } from "./summarise.ts";

/** Everything the Errors page shows before a row is opened: independent reads, started together. */
export async function readErrorsPage(
  db: Db,
  asked: {
    channelId: string;
    filter: ErrorFilter;
    range: { from: Date; to: Date };
    timeZone: string;
  },
) {
  const { channelId, filter, range, timeZone } = asked;
  const question = { ...filter, channelId, from: range.from, to: range.to };
  const [summary, { width, buckets }, gaps, page] = await Promise.all([
    summariseErrors(db, question),
    countErrorsByBucket(db, question, { zone: timeZone, by: filter.by }),
    listCountingGaps(db, question),
    listErrorRows(db, question, filter),
  ]);
  return { summary, chart: { width, buckets: breakAtGaps(buckets, gaps), gaps }, page };
}
