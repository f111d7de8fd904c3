import { z } from "zod";
import {
  type Given,
  listNotUnderstood,
  type NotUnderstood,
  singleValues,
} from "#lib/not-understood.ts";

/** What the address of a list of channels says: a text to find, after which channel the page begins, what to show alone. */
const ChannelListSearch = z.object({
  q: z.string().trim().max(100).catch("").default(""),
  after: z.string().min(1).max(64).nullable().catch(null).default(null),
  state: z.enum(["failing"]).nullable().catch(null).default(null),
});
export type ChannelListSearch = z.infer<typeof ChannelListSearch>;

/** Whatever is missing or wrong falls back to the beginning of the whole list. */
export function parseChannelSearch(given: Given): ChannelListSearch {
  return ChannelListSearch.parse(singleValues(given));
}

/** What of an address was wrong: the list is longer than was asked. */
export function channelsNotUnderstood(given: Given): NotUnderstood[] {
  const search = parseChannelSearch(given);
  return listNotUnderstood(given, { ...search, q: search.q || null });
}

export function channelsHref(root: string, search: Partial<ChannelListSearch> = {}): string {
  const given = Object.entries(search).filter(([, value]) => value);
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return `${root}${query.size === 0 ? "" : `?${query}`}`;
}
