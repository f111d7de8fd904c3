import { AppError } from "#lib/app-error.ts";
import { newDecimalId } from "#lib/channels/secret.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";

/** Makes a provider; who makes it becomes its first Admin. */
export async function createProvider(
  db: Db,
  actorId: string,
  form: { name: string },
): Promise<{ providerId: string }> {
  const { id } = await db.provider.create({
    data: {
      id: newDecimalId(),
      name: form.name,
      members: { create: { userId: actorId, role: "admin" } },
    },
    select: { id: true },
  });
  return { providerId: id };
}

/** @throws AppError not_found when it was deleted meanwhile. */
export async function renameProvider(db: Db, providerId: string, name: string): Promise<void> {
  const { count } = await db.provider.updateMany({ where: { id: providerId }, data: { name } });
  if (count === 0) throw new AppError("not_found", "The provider does not exist any more.");
}

/**
 * Deletes a provider that has no channels. Its row is locked first, so a channel cannot be created in it meanwhile.
 * @throws AppError conflict with the number of channels, or invalid when the typed name is another one.
 */
export async function deleteProvider(
  db: TransactionalDb,
  providerId: string,
  typedName: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ name: string }[]>`
      select name from providers where id = ${providerId} for update`;
    if (row === undefined) {
      throw new AppError("not_found", "The provider does not exist any more.");
    }
    if (row.name !== typedName.trim()) {
      throw new AppError("invalid", "The typed name is not the provider's.", {
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
  });
}
