import type { Db } from "#lib/db.ts";
import type { ProviderContents } from "./schema.ts";

/** What stands in the way of deleting a provider, and what goes with it: for the page that asks to confirm it. */
export async function countContents(db: Db, providerId: string): Promise<ProviderContents> {
  const [channels, members, invitations] = await Promise.all([
    db.channel.count({ where: { providerId } }),
    db.providerMember.count({ where: { providerId } }),
    db.invitation.count({ where: { providerId, acceptedAt: null, cancelledAt: null } }),
  ]);
  return { channels, members, invitations };
}
