import type { Db } from "#lib/db.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { scanSlice } from "./scan.ts";
import type { LoggedWebhook, LogPage, LogQuestion, Neighbours } from "./schema.ts";

const pageSize = 50;
/** Webhooks that one page looks at, at most: a page that finds little says how far it came (docs/decisions). */
const scanMax = 20_000;
const sliceSizes = { first: 120, later: 1_000 };

/** Where a page begins: behind or before this webhook, in the order of the list. */
export type LogPageStart = { direction: "after" | "before"; id: string };

/**
 * One page of a channel's log by keyset, the newest first; what waits and what has ended stand in one order. Filters by
 * event read bodies: the page ends after `scanMax` webhooks even if it is not full, so that it takes as long over 10^7
 * webhooks as over 10^5.
 */
export async function listWebhooks(
  db: Db,
  question: LogQuestion,
  start: LogPageStart | null,
  { size = pageSize, ascending = false, limit = scanMax } = {},
): Promise<LogPage> {
  const backwards = start?.direction === "before";
  const found = await gather(db, question, {
    after: start?.id ?? null,
    ascending: ascending !== backwards,
    wanted: size + 1,
    limit,
  });
  // What stood there has moved on: the list begins anew.
  if (backwards && found.webhooks.length === 0) {
    return listWebhooks(db, question, null, { size, ascending, limit });
  }
  const webhooks = found.webhooks.slice(0, size);
  if (backwards) webhooks.reverse();
  const more = found.webhooks.length > size;
  const edge = found.end;
  return {
    webhooks,
    previous: (backwards ? more : start !== null) ? (webhooks[0]?.id ?? start?.id ?? null) : null,
    next: more || backwards ? (webhooks.at(-1)?.id ?? null) : edge,
    searchedTo: more || edge === null ? null : acceptedAtOf(edge),
  };
}

/** Webhooks that are looked at for a neighbour, at most. */
const neighbourScanMax = 2_000;

/**
 * The webhooks next to one among those that match, wherever it stands itself by now; null: there is none, or none nearby where
 * bodies have to be read for it. What the question names by id has no neighbours.
 */
export async function findNeighbours(
  db: Db,
  question: LogQuestion,
  id: string,
): Promise<Neighbours> {
  const at = acceptedAtOf(id);
  // A range that ends now moves on while somebody reads.
  const around = {
    ...question,
    from: new Date(Math.min(question.from.getTime(), at.getTime())),
    to: new Date(Math.max(question.to.getTime(), at.getTime() + 1)),
  };
  const [newer, older] = await Promise.all(
    [true, false].map(async (ascending) => {
      const found = await gather(db, around, {
        ...{ after: id, ascending, wanted: 1 },
        limit: neighbourScanMax,
      });
      return found.webhooks[0]?.id ?? null;
    }),
  );
  return { newer: newer ?? null, older: older ?? null };
}

async function gather(
  db: Db,
  question: LogQuestion,
  asked: { after: string | null; ascending: boolean; wanted: number; limit: number },
): Promise<{ webhooks: LoggedWebhook[]; end: string | null }> {
  const webhooks: LoggedWebhook[] = [];
  let { after } = asked;
  let size = sliceSizes.first;
  for (let left = asked.limit; left > 0; left -= size) {
    const slice = await scanSlice(
      db,
      question,
      { after, ascending: asked.ascending },
      { size, reads: "all" },
    );
    webhooks.push(...slice.webhooks);
    after = slice.end;
    // An event mostly stands in one webhook: whoever looks for more of them searches further.
    const wanted = question.eventId === null ? asked.wanted : 1;
    if (after === null || webhooks.length >= wanted) break;
    size = sliceSizes.later;
  }
  return { webhooks, end: after };
}
