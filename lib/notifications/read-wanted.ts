import type { PoolClient } from "pg";
import { type Audience, findRecipients } from "./find-recipients.ts";
import { readApprovals } from "./read-approvals.ts";
import type { NotificationPolicy, NotificationType } from "./schema.ts";

/** What one address is told about one channel. `key`: the address, see addressKey. */
export type Told = { channelId: string; key: string; type: NotificationType };

export type Wanted = {
  audiences: ReadonlyMap<string, Audience>;
  /** Whether the address still gets such mails of the channel, and the channel still has the function. */
  isWanted: (told: Told) => boolean;
};

/** How things stand now for what was to be told when it happened: roles, accounts, wishes and the function may have changed. */
export async function readWanted(
  client: PoolClient,
  told: readonly Told[],
  policy: NotificationPolicy,
): Promise<Wanted> {
  const channelIds = [...new Set(told.map(({ channelId }) => channelId))];
  const audiences = await findRecipients(client, channelIds);
  const approvals = await readApprovals(client, channelIds, policy);
  const isWanted = ({ channelId, key, type }: Told): boolean => {
    const recipient = audiences.get(channelId)?.recipients.find((one) => one.key === key);
    if (recipient === undefined || !approvals.has(channelId)) return false;
    return !recipient.mutedTypes.includes(type);
  };
  return { audiences, isWanted };
}
