import { AppError } from "#lib/app-error.ts";
import type { AuditAction } from "#lib/audit/actions.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { type AuditFields, recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import type { ChannelRight } from "#lib/members/permissions.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { isMutedSql, isTakenSql } from "./mark-sql.ts";
import type { MuteSpan } from "./mute-spans.ts";
import { problemName } from "./problem-name.ts";
import type { MuteForm, ProblemForm } from "./schema.ts";

const spanHours = {
  "1h": 1,
  "8h": 8,
  "24h": 24,
  "7d": 168,
  change: null,
} as const satisfies Record<MuteSpan, number | null>;

type Change = { actor: Actor; of: ProblemForm; right: ChannelRight; action: AuditAction };

/**
 * Mutes a problem from now on, or for another time: no mails and alerts about it alone; it is counted and shown as before.
 * @throws AppError not_found: there is no such problem; as requireChannelRight.
 */
export async function muteProblem(db: TransactionalDb, actor: Actor, form: MuteForm) {
  const hours = spanHours[form.span];
  const change = {
    actor,
    of: form,
    right: "manage_notifications",
    action: "problem_muted",
  } as const;
  await setMark(db, { ...change, after: { muteSpan: form.span } }, (tx) => {
    const until = Prisma.sql`now() + make_interval(hours => ${hours}::int)`;
    return tx.$executeRaw`
      insert into problem_marks (channel_id, reason, detail, muted_at, muted_until, muted_by_id)
      select channel_id, reason, detail, now(), ${until}, ${personOf(actor)}::uuid from problems p where ${isIt(form)}
      on conflict (channel_id, reason, detail) do update
         set muted_at = excluded.muted_at, muted_until = excluded.muted_until, muted_by_id = excluded.muted_by_id`;
  });
}

/** Ends a mute; nothing when it is over. @throws AppError as requireChannelRight. */
export async function unmuteProblem(db: TransactionalDb, actor: Actor, form: ProblemForm) {
  const change = {
    actor,
    of: form,
    right: "manage_notifications",
    action: "problem_unmuted",
  } as const;
  await setMark(
    db,
    change,
    (tx) => tx.$executeRaw`
      update problem_marks p set muted_at = null, muted_until = null, muted_by_id = null
       where ${isIt(form)} and ${Prisma.raw(isMutedSql("p"))}`,
    "may be none",
  );
}

/**
 * Says that the person is on it, for all to see.
 * @throws AppError conflict `problem_taken`: somebody is already; not_found: there is no such problem; as requireChannelRight.
 */
export async function takeProblem(db: TransactionalDb, actor: Actor, form: ProblemForm) {
  const change = { actor, of: form, right: "see_errors", action: "problem_taken" } as const;
  await setMark(db, change, async (tx) => {
    const count = await tx.$executeRaw`
      insert into problem_marks as m (channel_id, reason, detail, taken_at, taken_by_id)
      select channel_id, reason, detail, now(), ${personOf(actor)}::uuid from problems p where ${isIt(form)}
      on conflict (channel_id, reason, detail) do update set taken_at = excluded.taken_at, taken_by_id = excluded.taken_by_id
       where m.taken_at is null or not exists (
         select from problems p where ${isIt(form)} and ${Prisma.raw(isTakenSql("m", "p"))})`;
    // Nothing was set: somebody is on it already, or it is not there any more, whatever was once set on it.
    if (count === 0 && (await tx.problem.count({ where: keyOf(form) })) > 0) {
      throw new AppError("conflict", "Somebody is on it already.", { key: "problem_taken" });
    }
    return count;
  });
}

/** Takes back that somebody is on it; nothing when nobody is. @throws AppError as requireChannelRight. */
export async function giveBackProblem(db: TransactionalDb, actor: Actor, form: ProblemForm) {
  const change = { actor, of: form, right: "see_errors", action: "problem_given_back" } as const;
  await setMark(
    db,
    change,
    (tx) => tx.$executeRaw`
      update problem_marks p set taken_at = null, taken_by_id = null where ${isIt(form)} and taken_at is not null`,
    "may be none",
  );
}

async function setMark(
  db: TransactionalDb,
  { actor, of, right, action, after }: Change & { after?: AuditFields },
  write: (tx: Db) => Promise<number>,
  when: "must be" | "may be none" = "must be",
): Promise<void> {
  const { channelId } = of;
  await db.$transaction(async (tx) => {
    await requireChannelRight(tx, actor, channelId, right);
    if ((await write(tx)) > 0) {
      await recordAudit(tx, {
        actor,
        action,
        channelId,
        after: { problem: problemName(of), ...after },
      });
    } else if (when === "must be") {
      throw new AppError("not_found", "There is no such problem any more.", {
        key: "problem_gone",
      });
    }
  });
}

const keyOf = ({ channelId, reason, detail }: ProblemForm) => ({ channelId, reason, detail });

/** Of rows called `p`. */
const isIt = ({ channelId, reason, detail }: ProblemForm): Prisma.Sql =>
  Prisma.sql`p.channel_id = ${channelId} and p.reason = ${reason}::error_reason and p.detail = ${detail}`;

const personOf = (actor: Actor): string | null => (actor.kind === "user" ? actor.id : null);
