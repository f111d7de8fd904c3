import type { PoolClient } from "pg";
import { withClient } from "#lib/outbox/statement.ts";
import { storeMails } from "#lib/outbox/store-mails.ts";
import { readTaken } from "#lib/problems/read-taken.ts";
import { poolTime } from "#lib/time/database-time.ts";
import { composeDigest, composeSingle, type Knowledge, type TellingMail } from "./compose-mails.ts";
import { findHeld, hold } from "./hold.ts";
import { planMails } from "./plan-mails.ts";
import { readCauses } from "./read-causes.ts";
import { readCounted } from "./read-counted.ts";
import {
  listWaitingRecipients,
  type Notice,
  readStandings,
  readWaiting,
  type Standing,
} from "./read-waiting.ts";
import { readWanted } from "./read-wanted.ts";
import { type ClosingOptions, isFailure } from "./schema.ts";

/** Recipients looked at in one transaction. */
export const recipientsMax = 100;

export type Written = { recipients: number; last: string; mails: number };

/**
 * Writes the mails that are due to the recipients after `after` (in the order of their addresses): single ones and
 * digests, by `planMails`, and marks their notices as told in the same transaction. Who lost the role since, or wants no
 * such mails any more, gets none, and nobody does once the function was withdrawn. What quiet hours hold goes on waiting.
 */
export async function writeDueMails(
  client: PoolClient,
  after: string,
  options: ClosingOptions,
): Promise<Written> {
  const keys = await listWaitingRecipients(client, after, recipientsMax, options.now);
  if (keys.length === 0) return { recipients: 0, last: after, mails: 0 };
  const waiting = await readWaiting(client, keys, options.now);
  const { audiences, isWanted } = await readWanted(client, waiting, options.policy);
  const now = options.now ?? (await poolTime(client));
  const held = findHeld(waiting.filter(isWanted), audiences, options.policy, now);
  await hold(client, held, now);
  const wanted = waiting.filter((notice) => isWanted(notice) && !held.has(notice.id));
  const standings = await readStandings(
    client,
    keys.map((key) => ({ key, now: options.now })),
    options.policy,
  );
  const causes = await readCauses(client, distinct(wanted));
  const counted = await readCounted(client, distinct(wanted));
  const known: Knowledge = {
    nameOf: (channelId) => audiences.get(channelId)?.channelName ?? channelId,
    causeOf: (notificationId) => causes.get(notificationId) ?? null,
    isCounted: (notificationId) => counted.has(notificationId),
    taken: await readTaken(client, channelIdsOf(wanted)),
  };
  const mails: TellingMail[] = [];
  for (const standing of standings) {
    const notices = wanted.filter(({ key }) => key === standing.key);
    mails.push(...(await mailsTo(notices, { ...standing, now }, known, options)));
  }
  await storeMails(withClient(client), mails, options.now);
  await markTold(client, mails, options.now);
  await dropUnwanted(
    client,
    waiting.filter((notice) => !isWanted(notice)),
    options.now,
  );
  return { recipients: keys.length, last: keys.at(-1) ?? after, mails: mails.length };
}

async function mailsTo(
  notices: readonly Notice[],
  standing: Standing & { now: Date },
  known: Knowledge,
  options: ClosingOptions,
): Promise<TellingMail[]> {
  const plan = planMails({ ...standing, notices }, options.policy);
  const byId = new Map(notices.map((notice) => [notice.id, notice]));
  const pick = (ids: readonly string[]): Notice[] => ids.flatMap((id) => byId.get(id) ?? []);
  const singles = pick(plan.single).map((notice) => composeSingle(notice, known, options));
  const digest = pick(plan.digest);
  const digests = digest.length === 0 ? [] : [composeDigest(digest, known, options)];
  return Promise.all([...singles, ...digests]);
}

const channelIdsOf = (notices: readonly Notice[]): string[] => [
  ...new Set(notices.map(({ channelId }) => channelId)),
];

/** Several people are told of the same. Of what is no failure no cause is told. */
function distinct(notices: readonly Notice[]): Notice["notification"][] {
  const failing = notices.filter(({ type }) => isFailure(type));
  const byId = new Map(failing.map(({ notification }) => [notification.id, notification]));
  return [...byId.values()];
}

async function markTold(
  client: PoolClient,
  mails: readonly TellingMail[],
  now: Date | undefined,
): Promise<void> {
  const told = mails.flatMap(({ id, noticeIds }) =>
    noticeIds.map((noticeId) => ({ noticeId, mailId: id })),
  );
  if (told.length === 0) return;
  await client.query(
    `update notices n set told_at = coalesce($3::timestamptz, now()), mail_id = t.mail_id
       from unnest($1::uuid[], $2::uuid[]) as t(id, mail_id) where n.id = t.id`,
    [told.map(({ noticeId }) => noticeId), told.map(({ mailId }) => mailId), now ?? null],
  );
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
