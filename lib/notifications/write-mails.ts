import type { PoolClient } from "pg";
import { composeDigest, composeSingle, type NewMail } from "./compose-mails.ts";
import type { Audience } from "./find-recipients.ts";
import { planMails } from "./plan-mails.ts";
import {
  listWaitingRecipients,
  type Notice,
  readStandings,
  readWaiting,
  type Standing,
} from "./read-waiting.ts";
import { readWanted } from "./read-wanted.ts";
import type { ClosingOptions } from "./schema.ts";
import { storeMails } from "./store-mails.ts";

/** Recipients looked at in one transaction. */
export const recipientsMax = 100;

export type Written = { recipients: number; last: string; mails: number };

/**
 * Writes the mails that are due to the recipients after `after` (in the order of their addresses): single ones and
 * digests, by `planMails`, and marks their notices as told in the same transaction. Who lost the role since, or wants no
 * such mails any more, gets none, and nobody does once the function was withdrawn.
 */
export async function writeDueMails(
  client: PoolClient,
  after: string,
  options: ClosingOptions,
): Promise<Written> {
  const keys = await listWaitingRecipients(client, after, recipientsMax);
  if (keys.length === 0) return { recipients: 0, last: after, mails: 0 };
  const waiting = await readWaiting(client, keys);
  const { audiences, isWanted } = await readWanted(client, waiting, options.policy);
  const wanted = waiting.filter(isWanted);
  const standings = await readStandings(client, keys, options);
  const mails: NewMail[] = [];
  for (const standing of standings.values()) {
    const notices = wanted.filter(({ key }) => key === standing.key);
    mails.push(...(await mailsTo(notices, standing, audiences, options)));
  }
  await storeMails(client, mails, options.now);
  await dropUnwanted(
    client,
    waiting.filter((notice) => !wanted.includes(notice)),
    options.now,
  );
  return { recipients: keys.length, last: keys.at(-1) ?? after, mails: mails.length };
}

async function mailsTo(
  notices: readonly Notice[],
  standing: Standing,
  audiences: ReadonlyMap<string, Audience>,
  options: ClosingOptions,
): Promise<NewMail[]> {
  const now = options.now ?? new Date();
  const plan = planMails({ ...standing, now, notices }, options.policy);
  const nameOf = (channelId: string): string => audiences.get(channelId)?.channelName ?? channelId;
  const byId = new Map(notices.map((notice) => [notice.id, notice]));
  const pick = (ids: readonly string[]): Notice[] => ids.flatMap((id) => byId.get(id) ?? []);
  const singles = pick(plan.single).map((notice) =>
    composeSingle(notice, nameOf(notice.channelId), options),
  );
  const digest = pick(plan.digest);
  const digests = digest.length === 0 ? [] : [composeDigest(digest, nameOf, options)];
  return Promise.all([...singles, ...digests]);
}

async function dropUnwanted(
  client: PoolClient,
  notices: readonly Notice[],
  now: Date | undefined,
): Promise<void> {
  if (notices.length === 0) return;
  await client.query(
    "update notices set told_at = coalesce($2::timestamptz, now()) where id = any($1)",
    [notices.map(({ id }) => id), now ?? null],
  );
}
