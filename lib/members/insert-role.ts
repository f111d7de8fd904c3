import { AppError } from "#lib/app-error.ts";
import type { Db } from "#lib/db.ts";
import type { Place } from "#lib/place.ts";
import { type ChannelRole, type ProviderRole, providerRoles } from "./schema.ts";

export type Role = ChannelRole | ProviderRole;

/** Behind the lock of changeRoles only. */
export async function insertRole(tx: Db, place: Place, userId: string, role: Role): Promise<void> {
  if (place.kind === "channel") {
    await tx.channelMember.create({
      data: { channelId: place.id, userId, role },
      select: { role: true },
    });
  } else {
    await tx.providerMember.create({
      data: { providerId: place.id, userId, role: asProviderRole(role) },
      select: { role: true },
    });
  }
}

/** @throws AppError invalid: a provider has no Testers. */
export function asProviderRole(role: Role): ProviderRole {
  const known = providerRoles.find((one) => one === role);
  if (known === undefined) throw new AppError("invalid", "A provider has no Testers.");
  return known;
}
