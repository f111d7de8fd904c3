import "server-only";
import { cache } from "react";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { findChannelOf, findProviderIdOf } from "#lib/channels/queries.ts";
import type { Channel } from "#lib/channels/schema.ts";
import {
  type ChannelRight,
  can,
  canInProvider,
  type ProviderRight,
  type ProviderStanding,
} from "#lib/members/permissions.ts";
import type { ChannelRole, ProviderRole } from "#lib/members/schema.ts";
import { findProviderOf } from "#lib/providers/queries.ts";
import type { Provider } from "#lib/providers/schema.ts";
import { database } from "./database.ts";
import { deny } from "./deny.ts";
import { requireUser } from "./session.ts";

// Layout, page and actions of one request ask the same question: it is answered once.
const channelOf = cache(async (userId: string, channelId: string) =>
  isStorable(channelId) ? findChannelOf(database().db, userId, channelId) : null,
);
const providerOf = cache(async (userId: string, isOperator: boolean, providerId: string) =>
  isStorable(providerId)
    ? findProviderOf(database().db, { id: userId, isOperator }, providerId)
    : null,
);

/** PostgreSQL refuses a text with NUL; nothing is called so. */
const isStorable = (id: string): boolean => !id.includes("\0");

export type ChannelAccess = { user: SessionUser; channel: Channel; role: ChannelRole };

/** The channel, if the person has the right in it; not found for unknown channels, strangers and lacking rights alike. */
export async function requireChannel(
  channelId: string,
  right: ChannelRight,
): Promise<ChannelAccess> {
  const user = await requireUser();
  const found = await channelOf(user.id, channelId);
  if (found === null || !can(found.role, right)) deny();
  return { user, ...found };
}

/**
 * The id of a channel that the person sees in some list: by any role in it, as its provider's Admin, or as an operator.
 * Not found as requireChannel.
 */
export async function requireChannelInList(channelId: string, user: SessionUser): Promise<string> {
  if ((await channelOf(user.id, channelId)) !== null) return channelId;
  const providerId = await findProviderIdOf(database().db, channelId);
  if (providerId === null) deny();
  const found = await providerOf(user.id, user.isOperator, providerId);
  if (found === null || !canInProvider(found.standing, "list_channels")) deny();
  return channelId;
}

export type ProviderAccess = {
  user: SessionUser;
  provider: Provider;
  standing: ProviderStanding;
  role: ProviderRole | null;
};

/** As requireChannel, for a provider. Operators stand to every provider. */
export async function requireProvider(
  providerId: string,
  right: ProviderRight,
): Promise<ProviderAccess> {
  const user = await requireUser();
  const found = await providerOf(user.id, user.isOperator, providerId);
  if (found === null || !canInProvider(found.standing, right)) deny();
  return { user, ...found };
}

/** Pages of the platform's operators do not exist for others. */
export async function requireOperator(): Promise<SessionUser> {
  const user = await requireUser();
  if (!user.isOperator) deny();
  return user;
}
