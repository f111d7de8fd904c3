import { z } from "zod";
import {
  type Given,
  listNotUnderstood,
  type NotUnderstood,
  singleValues,
} from "#lib/not-understood.ts";
import { type MailState, mailStates } from "#lib/outbox/schema.ts";

/** What the address of the outbox says: mails in one state or in all, older than one of them or the newest. */
export type OutboxSearch = { state: MailState | null; before: string | null };

const Search = z.object({
  state: z.enum(mailStates).nullable().catch(null).default(null),
  before: z.uuid().nullable().catch(null).default(null),
});

/** Whatever is missing or wrong falls back to the newest mails in every state. */
export function parseOutboxSearch(given: Given): OutboxSearch {
  return Search.parse(singleValues(given));
}

/** What of it was wrong. */
export const outboxNotUnderstood = (given: Given): NotUnderstood[] =>
  listNotUnderstood(given, parseOutboxSearch(given));

/** The address of the outbox; of its first page unless `before` is given. */
export function outboxHref({ state, before }: Partial<OutboxSearch>): string {
  const search = new URLSearchParams();
  if (state) search.set("state", state);
  if (before) search.set("before", before);
  return `/console/operations/outbox${search.size === 0 ? "" : `?${search}`}`;
}
