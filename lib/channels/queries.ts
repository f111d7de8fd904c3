import type { Db } from "#lib/db.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import type { Channel } from "./schema.ts";
import { perSwitch } from "./switches.ts";

/** The channel and the role a person has in it; null for unknown channels and for strangers alike. */
export async function findChannelOf(
  db: Db,
  userId: string,
  channelId: string,
): Promise<{ channel: Channel; role: ChannelRole } | null> {
  const row = await db.channelMember.findUnique({
    where: { channelId_userId: { channelId, userId } },
    select: {
      role: true,
      channel: {
        select: {
          id: true,
          providerId: true,
          name: true,
          description: true,
          email: true,
          emailVerifiedAt: true,
          botUserId: true,
          privacyPolicyUrl: true,
          termsOfUseUrl: true,
          webhookUrl: true,
          ...perSwitch(() => true as const),
          version: true,
          showsSetUp: true,
          disabledAt: true,
          createdAt: true,
          provider: { select: { name: true } },
          icon: { select: { hash: true } },
        },
      },
    },
  });
  if (row === null) return null;
  const { provider, icon, emailVerifiedAt, ...channel } = row.channel;
  return {
    role: row.role,
    channel: {
      ...channel,
      isEmailVerified: emailVerifiedAt !== null,
      providerName: provider.name,
      iconHash: icon?.hash ?? null,
    },
  };
}

/** When the new channel secret replaces the old one, while both overlap; null else. Index: the primary key. */
export async function findSecretOverlap(db: Db, channelId: string): Promise<Date | null> {
  const [row] = await db.$queryRaw<{ from: Date }[]>`
    select next_secret_from as "from" from channels
     where id = ${channelId} and next_secret_from > now()`;
  return row?.from ?? null;
}

/** Of which provider a channel is; null when it does not exist. For who stands to the provider, not to the channel. */
export async function findProviderIdOf(db: Db, channelId: string): Promise<string | null> {
  const row = await db.channel.findUnique({
    where: { id: channelId },
    select: { providerId: true },
  });
  return row?.providerId ?? null;
}
