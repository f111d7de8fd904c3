import { z } from "zod";
import { escapeLike } from "#lib/escape-like.ts";
import {
  type Given,
  listNotUnderstood,
  type NotUnderstood,
  singleValues,
} from "#lib/not-understood.ts";

/** What the address of a list for operators says: a text to find, and after which entry the page begins. */
export type ListSearch = { q: string; after: string | null };

const Search = z.object({
  q: z.string().trim().max(100).catch("").default(""),
  after: z.string().min(1).max(64).nullable().catch(null).default(null),
});

/** Whatever is missing or wrong falls back to the beginning of the whole list. */
export function parseListSearch(given: Given): ListSearch {
  return Search.parse(singleValues(given));
}

/** What of it was wrong: the list is longer than was asked. */
export function searchNotUnderstood(given: Given): NotUnderstood[] {
  const search = parseListSearch(given);
  return listNotUnderstood(given, { ...search, q: search.q || null });
}

export function listHref(root: string, { q, after }: Partial<ListSearch>): string {
  const query = new URLSearchParams();
  if (q) query.set("q", q);
  if (after) query.set("after", after);
  return `${root}${query.size === 0 ? "" : `?${query}`}`;
}

/** A text as it stands in a pattern of `like`: found as it was typed. */
export const likePattern = (q: string): string => `%${escapeLike(q)}%`;
