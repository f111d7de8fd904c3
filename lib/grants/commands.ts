import { requireOperatorRight } from "#lib/accounts/hold-actor.ts";
import { AppError } from "#lib/app-error.ts";
import type { AuditAction } from "#lib/audit/actions.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import { defaultLocale, isLocale } from "#lib/messages/locales.ts";
import { orderMail } from "#lib/notifications/mail-orders.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import type { ApplyForm, DecideForm } from "./schema.ts";

type Person = Extract<Actor, { kind: "user" }>;

/**
 * Applies for the error notification of a channel. A unique column holds the channel while an application is pending or
 * approved, so of two Admins who apply at once one is refused.
 * @throws AppError conflict; as requireChannelRight.
 */
export async function applyForNotification(
  db: TransactionalDb,
  actor: Person,
  { channelId, ...after }: ApplyForm,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await requireChannelRight(tx, actor, channelId, "manage_notifications");
    const count = await tx.$executeRaw`
      insert into notification_grants (id, channel_id, holds_channel, company, contact, reason, applied_by_id)
      select gen_random_uuid(), id, id, ${after.company}, ${after.contact}, ${after.reason}, ${actor.id}::uuid
        from channels where id = ${channelId}
      on conflict (holds_channel) do nothing`;
    if (count === 0) {
      throw new AppError("conflict", "An application is already pending or approved.", {
        key: "applied_already",
      });
    }
    await recordAudit(tx, { actor, action: "notification_applied", channelId, after });
  });
}

/** Which state a decision needs, and what it is called in the audit log. */
const decisions = {
  approved: { from: "pending", action: "notification_approved" },
  rejected: { from: "pending", action: "notification_rejected" },
  withdrawn: { from: "approved", action: "notification_withdrawn" },
} as const satisfies Record<
  DecideForm["decision"],
  { from: "pending" | "approved"; action: AuditAction }
>;

/** The audit log's name for a decision, also for one that somebody made up. */
export const decisionAction = (decision: unknown) =>
  decision === "rejected" || decision === "withdrawn"
    ? decisions[decision].action
    : decisions.approved.action;

/**
 * Decides about an application, for operators; the applicant is told by mail in the same transaction. The `where` settles
 * who was first: a second decision about the same state is refused.
 * @throws AppError conflict; as requireOperatorRight.
 */
export async function decideGrant(
  db: TransactionalDb,
  actor: Person,
  { grantId, decision, note }: DecideForm,
): Promise<{ channelName: string }> {
  const { from, action } = decisions[decision];
  return db.$transaction(async (tx) => {
    await requireOperatorRight(tx, actor);
    const { count } = await tx.notificationGrant.updateMany({
      where: { id: grantId, state: from },
      data: {
        state: decision,
        decidedAt: await databaseTime(tx),
        decidedById: actor.id,
        decisionNote: note === "" ? null : note,
        ...(decision === "approved" ? {} : { holdsChannel: null }),
      },
    });
    if (count === 0) {
      throw new AppError("conflict", "Someone has already decided about it.", {
        key: "decided_already",
      });
    }
    const { channelId, channelName } = await tellApplicant(tx, grantId, decision, note);
    await recordAudit(tx, { actor, action, channelId, after: { note } });
    return { channelName };
  });
}

async function tellApplicant(
  tx: Db,
  grantId: string,
  decision: DecideForm["decision"],
  note: string,
): Promise<{ channelId: string; channelName: string }> {
  const { channel, appliedBy } = await tx.notificationGrant.findUniqueOrThrow({
    where: { id: grantId },
    select: {
      channel: { select: { id: true, name: true } },
      appliedBy: { select: { email: true, locale: true, timeZone: true, disabledAt: true } },
    },
  });
  if (appliedBy !== null && appliedBy.disabledAt === null) {
    await orderMail(tx, {
      kind: "application",
      channelId: channel.id,
      recipient: appliedBy.email,
      locale: isLocale(appliedBy.locale) ? appliedBy.locale : defaultLocale,
      timeZone: appliedBy.timeZone,
      params: { channelName: channel.name, decision, note },
    });
  }
  return { channelId: channel.id, channelName: channel.name };
}
