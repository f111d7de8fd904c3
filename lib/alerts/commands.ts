import { randomBytes } from "node:crypto";
import { v7 as newId } from "uuid";
import { requireProof } from "#lib/accounts/recent-proof.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { takeTry } from "#lib/limits/rate-limit.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import { alertBody, resolveBody } from "#lib/notifications/alert-body.ts";
import { keepsIncidents, knownKind } from "#lib/notifications/alert-kinds.ts";
import type { TargetPolicy } from "#lib/targets/policy.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { standardWebhooksSecret } from "#lib/webhooks/signature.ts";
import { sealCredentials, sealTargetUrl } from "./sealed-target.ts";
import type { AddTargetForm } from "./target-form.ts";

/** `token` and `recipient` as far as the kind has them. */
type NewTarget = Pick<AddTargetForm, "channelId" | "kind" | "name" | "url"> &
  Partial<Pick<AddTargetForm, "token" | "recipient">>;

const targetsMax = 5;
/** What keeps incidents is told to end that of a test, once it has been noticed. */
const testLastsMs = 60_000;
const testLimit = { name: "test-alert", max: 10, windowMs: 3_600_000 };

/**
 * Adds a way out for a channel's alerts, at most 5. Returns the secret that signs them as a Standard Webhooks library takes
 * it (`whsec_…`), this once; null for every kind but signed webhooks.
 * @throws AppError invalid, at the field `url`, when the target policy refuses it; conflict when there are 5 already; as
 * requireChannelRight, like those below; and requireProof, as the target and its secret last.
 */
export async function addTarget(
  db: TransactionalDb,
  { policy, encryptionKey }: { policy: TargetPolicy; encryptionKey: Buffer },
  actor: Actor,
  { channelId, kind, name, url, token, recipient }: NewTarget,
): Promise<{ secret: string | null }> {
  const verdict = policy.checkUrl(url);
  if (!verdict.ok) {
    throw new AppError("invalid", verdict.message, {
      key: `url_${verdict.problem}`,
      details: [{ message: verdict.message, property: "url" }],
    });
  }
  const id = newId();
  const secret = kind === "webhook" ? randomBytes(24).toString("hex") : null;
  const credentials = { token: secret ?? token ?? "", recipient: recipient ?? "" };
  const { host } = verdict.url;
  await db.$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from channels where id = ${channelId} for no key update`;
    await requireChannelRight(tx, actor, channelId, "manage_notifications");
    await requireProof(tx, actor);
    if ((await tx.alertTarget.count({ where: { channelId } })) >= targetsMax) {
      throw new AppError("conflict", `A channel can have at most ${targetsMax} alert targets.`, {
        key: "too_many_targets",
        values: { max: targetsMax },
      });
    }
    await tx.alertTarget.create({
      data: {
        ...{ id, channelId, kind, name, host },
        sealedUrl: sealTargetUrl(encryptionKey, id, url),
        sealedSecret: sealCredentials(encryptionKey, id, credentials),
      },
      select: { id: true },
    });
    await recordAudit(tx, {
      ...{ actor, channelId, action: "alert_target_added" },
      after: { kind, name, host },
    });
  });
  return { secret: secret === null ? null : standardWebhooksSecret(secret) };
}

const gone = () => new AppError("conflict", "This alert target no longer exists.");

/** Removes a target with what waits for it. @throws AppError conflict when it is gone. */
export async function removeTarget(
  db: TransactionalDb,
  actor: Actor,
  { channelId, targetId: id }: { channelId: string; targetId: string },
): Promise<void> {
  await db.$transaction(async (tx) => {
    await requireChannelRight(tx, actor, channelId, "manage_notifications");
    const before = await tx.alertTarget.findFirst({
      where: { id, channelId },
      select: { kind: true, name: true, host: true },
    });
    if (before === null) throw gone();
    await tx.alertTarget.deleteMany({ where: { id, channelId } });
    await recordAudit(tx, { actor, action: "alert_target_removed", channelId, before });
  });
}

/** Sends a test alert the way every alert goes. @throws AppError rate_limited, conflict when the target is gone. */
export async function testTarget(
  db: TransactionalDb,
  actor: Actor,
  baseUrl: string,
  { channelId, targetId: id }: { channelId: string; targetId: string },
): Promise<void> {
  await takeTry(db, testLimit, channelId);
  await db.$transaction(async (tx) => {
    await requireChannelRight(tx, actor, channelId, "manage_notifications");
    const target = await tx.alertTarget.findFirst({
      where: { id, channelId },
      select: { kind: true, name: true, channel: { select: { name: true } } },
    });
    const kind = target === null ? null : knownKind(target.kind);
    if (target === null || kind === null) throw gone();
    const now = await databaseTime(tx);
    const sample = {
      type: "test",
      key: "test",
      reason: "error_status_code",
      detail: "500",
    } as const;
    const content = { ...sample, id: newId(), channelId, detectedAt: now, closedAt: now };
    const body = alertBody(
      kind,
      {
        ...content,
        errorCount: 0,
        channelName: target.channel.name,
        reminder: null,
        news: null,
        likelyCause: null,
        isCounted: true,
      },
      baseUrl,
    );
    const place = { targetId: id, channelId };
    await tx.alert.create({ data: { ...place, id: newId(), body }, select: { id: true } });
    if (keepsIncidents(kind)) {
      const end = resolveBody(kind, channelId, "test", content.id);
      const dueAt = new Date(now.getTime() + testLastsMs);
      const resolve = { ...place, id: newId(), body: end, resolves: "test", dueAt };
      await tx.alert.create({ data: resolve, select: { id: true } });
    }
    await recordAudit(tx, {
      ...{ actor, channelId, action: "alert_target_tested" },
      after: { name: target.name },
    });
  });
}
