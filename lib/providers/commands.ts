import { requireOperatorRight } from "#lib/accounts/hold-actor.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { newDecimalId } from "#lib/channel-secrets/secret.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { requireProviderRight } from "#lib/members/require-right.ts";

const gone = () => new AppError("not_found", "The provider no longer exists.");

/** Makes a provider; a person who makes it becomes its first Admin. @throws AppError as requireOperatorRight. */
export async function createProvider(
  db: TransactionalDb,
  actor: Actor,
  form: { name: string },
): Promise<{ providerId: string }> {
  const id = newDecimalId();
  const members =
    actor.kind === "user" ? { create: { userId: actor.id, role: "admin" as const } } : {};
  await db.$transaction(async (tx) => {
    if (actor.kind !== "platform_key") await requireOperatorRight(tx, actor);
    await tx.provider.create({ data: { id, name: form.name, members }, select: { id: true } });
    const after = { name: form.name };
    await recordAudit(tx, { actor, action: "provider_created", providerId: id, after });
  });
  return { providerId: id };
}

/**
 * With `version` only if the form was filled from that one.
 * @throws AppError conflict (changed meanwhile); as requireProviderRight.
 */
export async function renameProvider(
  db: TransactionalDb,
  actor: Actor,
  providerId: string,
  { name, version }: { name: string; version?: number },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { version: current, ...before } = await lockProvider(tx, providerId);
    await requireProviderRight(tx, actor, providerId, "edit_provider");
    if (version !== undefined && version !== current) {
      throw new AppError("conflict", "Someone else changed it in the meantime: read it again.", {
        key: "stale_form",
      });
    }
    if (before.name === name) return;
    await tx.provider.update({
      where: { id: providerId },
      data: { name, version: { increment: 1 } },
      select: { id: true },
    });
    await recordAudit(tx, {
      actor,
      action: "provider_renamed",
      providerId,
      before,
      after: { name },
    });
  });
}

/**
 * Deletes a provider that has no channels. Its row is locked first, so a channel cannot be created in it meanwhile.
 * @throws AppError conflict with the number of channels, or invalid when the typed name is another one; as
 * requireProviderRight.
 */
export async function deleteProvider(
  db: TransactionalDb,
  actor: Actor,
  providerId: string,
  typedName: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const row = await lockProvider(tx, providerId);
    await requireProviderRight(tx, actor, providerId, "edit_provider");
    if (row.name !== typedName.trim()) {
      throw new AppError("invalid", "The name you typed is not the provider's.", {
        key: "name_mismatch",
        details: [{ message: "must be the provider's name", property: "confirmation" }],
      });
    }
    const count = await tx.channel.count({ where: { providerId } });
    if (count > 0) {
      throw new AppError("conflict", `The provider still has ${count} channels.`, {
        key: "provider_not_empty",
        values: { count },
      });
    }
    await tx.provider.delete({ where: { id: providerId }, select: { id: true } });
    await recordAudit(tx, {
      actor,
      action: "provider_deleted",
      providerId,
      before: { name: row.name },
    });
  });
}

async function lockProvider(
  tx: Db,
  providerId: string,
): Promise<{ name: string; version: number }> {
  const [row] = await tx.$queryRaw<{ name: string; version: number }[]>`
    select name, version from providers where id = ${providerId} for update`;
  if (row === undefined) throw gone();
  return row;
}
