"use server";

import { createChannel } from "#lib/channels/commands.ts";
import { CreateChannelForm } from "#lib/channels/schema.ts";
import { runtimeEnv } from "#lib/env.ts";
import { requireProvider } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { leadTo } from "#lib/web/lead-to.ts";

export const create = userAction("channel_created", CreateChannelForm, async ({ input }) => {
  const { user } = await requireProvider(input.providerId, "create_channel");
  const key = runtimeEnv().encryptionKey;
  const { channelId } = await createChannel(database().db, key, user, input);
  leadTo(`/console/channel/${channelId}/messaging-api`);
});
