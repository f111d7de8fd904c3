import { cache } from "react";
import { revealSecrets } from "#lib/channels/issue-secret.ts";
import type { ChannelSecrets } from "#lib/delivery-log/sent-request.ts";
import { runtimeEnv } from "#lib/env.ts";
import { database } from "#lib/web/database.ts";

/** The secrets in force, to sign with; they never reach the page. */
export const readSecrets = cache(async (channelId: string): Promise<ChannelSecrets> => {
  const { current, next } = await revealSecrets(
    database().db,
    runtimeEnv().encryptionKey,
    channelId,
  );
  return { current, next: next?.secret ?? null };
});
