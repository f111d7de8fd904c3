import type { Db } from "#lib/db.ts";
import { hasFewRoles } from "./few-roles.ts";
import { listFailingChannels, listOwnChannels } from "./list.ts";
import { listMarked } from "./marks.ts";
import type { ChannelEntry, SideChannels } from "./schema.ts";

/** Up to so many channels all of them stand in the side bar. */
const allMax = 25;
const failingMax = 8;
const recentMax = 8;

/**
 * What a person's side bar leads to. Its size does not follow the number of channels: past 25, those that fail, those that
 * are pinned and those opened last stand there, each once.
 */
export async function readSideChannels(db: Db, userId: string): Promise<SideChannels> {
  const marked = listMarked(db, userId, { recentMax: recentMax + failingMax });
  const [isFew, { pinned, recent }] = await Promise.all([hasFewRoles(db, userId, allMax), marked]);
  if (isFew) {
    const { entries } = await listOwnChannels(db, userId, { size: allMax });
    const others = without(entries, pinned);
    return { kind: "all", pinned, others: [...others].sort(failingFirst) };
  }
  const failing = await listFailingChannels(db, userId, { limit: failingMax + 1 });
  const shown = failing.slice(0, failingMax);
  return {
    kind: "some",
    failing: shown,
    hasMoreFailing: failing.length > failingMax,
    pinned: without(pinned, shown),
    recent: without(recent, shown).slice(0, recentMax),
  };
}

const without = (entries: readonly ChannelEntry[], others: readonly ChannelEntry[]) =>
  entries.filter(({ id }) => others.every((other) => other.id !== id));

const isFailing = ({ health }: ChannelEntry): boolean =>
  health?.state === "failing" || health?.state === "suspended";

/** Otherwise as they stand. */
export const failingFirst = (a: ChannelEntry, b: ChannelEntry): number =>
  Number(isFailing(b)) - Number(isFailing(a));
