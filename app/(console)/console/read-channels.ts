import {
  channelPageSize,
  listFailingChannels,
  listOwnChannels,
  listProviderChannels,
} from "#lib/channels/list.ts";
import type { ChannelListSearch } from "#lib/channels/list-search.ts";
import { searchChannels } from "#lib/channels/search.ts";
import { failingFirst } from "#lib/channels/side.ts";
import { database } from "#lib/web/database.ts";

/** Ahead of a long list. */
const failingMax = 10;

type Within = { providerId: string; isListed: boolean };

/** What a list of channels shows for its address: all of a person's, or those of a provider. */
export async function readChannels(userId: string, search: ChannelListSearch, within?: Within) {
  const { db } = database();
  const providerId = within?.providerId ?? null;
  const some = { failing: [], hasMoreFailing: false, next: null, pageSize: channelPageSize };
  if (search.q !== "") {
    const scope = { limit: channelPageSize, ...(within === undefined ? {} : { within }) };
    const { entries, isCut } = await searchChannels(db, userId, search.q, scope);
    return { ...some, entries, isCut };
  }
  if (search.state === "failing") {
    const limit = channelPageSize;
    const found = await listFailingChannels(db, userId, { limit: limit + 1, providerId });
    return { ...some, entries: found.slice(0, limit), isCut: found.length > limit };
  }
  const { entries, next } = await (within === undefined
    ? listOwnChannels(db, userId, { after: search.after })
    : listProviderChannels(db, userId, within.providerId, {
        onlyOwn: !within.isListed,
        after: search.after,
      }));
  const isAll = next === null && search.after === null;
  if (isAll) return { ...some, entries: [...entries].sort(failingFirst), isCut: false };
  if (search.after !== null) return { ...some, entries, next, isCut: false };
  const failing = await listFailingChannels(db, userId, { limit: failingMax + 1, providerId });
  return {
    entries,
    failing: failing.slice(0, failingMax),
    hasMoreFailing: failing.length > failingMax,
    next,
    pageSize: channelPageSize,
    isCut: false,
  };
}
