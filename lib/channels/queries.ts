import type { Db } from "#lib/db.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import type { Channel } from "./schema.ts";

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
          botUserId: true,
          privacyPolicyUrl: true,
          termsOfUseUrl: true,
          webhookUrl: true,
          useWebhook: true,
          webhookRedelivery: true,
          errorStatisticsAggregation: true,
          createdAt: true,
          provider: { select: { name: true } },
        },
      },
    },
  });
  if (row === null) return null;
  const { provider, ...channel } = row.channel;
  return { role: row.role, channel: { ...channel, providerName: provider.name } };
}
