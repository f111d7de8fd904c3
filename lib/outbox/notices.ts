import { z } from "zod";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { type MailNotice, type NoticeKind, noticeKinds, serverTroubles } from "./schema.ts";
import type { RunStatement } from "./statement.ts";

/**
 * Notes what stands in the way of mails, for Operations and the metric. True when operators do not know it yet: nobody
 * noted it within the last 24 hours. It stands until the server takes a mail, an operator takes it away, or it was not seen
 * for 24 hours.
 */
export async function raiseNotice(
  run: RunStatement,
  kind: NoticeKind,
  answer: string,
): Promise<boolean> {
  const [row] = await run<{ isNew: boolean }>(
    `with old as (select last_at from mail_notices where kind = $1)
     insert into mail_notices as n (kind, since, last_at, answer) values ($1, now(), now(), $2)
     on conflict (kind) do update set
       since = case when n.last_at < now() - interval '24 hours' then now() else n.since end,
       last_at = now(), answer = excluded.answer
     returning xmax = 0 or exists (select from old where last_at < now() - interval '24 hours') as "isNew"`,
    [kind, answer],
  );
  return row?.isNew === true;
}

/**
 * The mail server works: takes its troubles away and makes every mail due that only waited for it. Returns what was
 * mended. Index: mails (state, due_at), read only when there was trouble.
 */
export async function clearServerTroubles(run: RunStatement): Promise<NoticeKind[]> {
  const rows = await run<{ kind: NoticeKind }>(
    `with mended as (delete from mail_notices where kind = any($1) returning kind),
          due as (update mails set due_at = now(), queued_at = now()
                   where state = 'queued' and (trouble = 'server' or attempts = 0) and exists (select from mended))
     select kind from mended`,
    [serverTroubles],
  );
  return rows.map(({ kind }) => kind);
}

/** Takes one away because it is over; false when it did not stand. */
export async function clearNotice(run: RunStatement, kind: NoticeKind): Promise<boolean> {
  const rows = await run("delete from mail_notices where kind = $1 returning kind", [kind]);
  return rows.length > 0;
}

/** What stands, the newest first; for operators only. */
export async function listNotices(db: Db): Promise<MailNotice[]> {
  const rows = await db.$queryRaw<{ kind: string; since: Date; lastAt: Date; answer: string }[]>`
    select kind, since, last_at as "lastAt", answer from mail_notices
     where last_at > now() - interval '24 hours' order by since desc limit 20`;
  return rows.flatMap(({ kind, ...row }) => {
    const known = noticeKinds.find((one) => one === kind);
    return known === undefined ? [] : [{ ...row, kind: known }];
  });
}

/** What operators may take away themselves; the rest goes when it is mended. */
export const DismissForm = z.object({ kind: z.enum(["sender", "many_refused"]) });

/** Takes a notice away. The next refusal of its kind is told as a new one. */
export async function dismissNotice(
  db: TransactionalDb,
  actor: Actor,
  { kind }: z.infer<typeof DismissForm>,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.mailNotice.deleteMany({ where: { kind } });
    if (count === 0) throw new AppError("conflict", "It was already dismissed.");
    await recordAudit(tx, { actor, action: "mail_notice_dismissed", after: { kind } });
  });
}
