import "server-only";
import { AppError } from "#lib/app-error.ts";
import { revealSecrets } from "#lib/channels/issue-secret.ts";
import type { Channel, CheckedUrl } from "#lib/channels/schema.ts";
import { createSender, type Sender } from "#lib/deliveries/sender.ts";
import { trustedCertificates } from "#lib/deliveries/trusted-certificates.ts";
import { verifyEndpoint } from "#lib/deliveries/verify.ts";
import { env, runtimeEnv } from "#lib/env.ts";
import { createTargetPolicy, type TargetPolicy } from "#lib/targets/policy.ts";
import { database } from "./database.ts";

const shared: typeof globalThis & { tocsinTargetPolicy?: TargetPolicy; tocsinSender?: Sender } =
  globalThis;

/** Where webhooks may go: the same verdict as when they are sent. */
export function targetPolicy(): TargetPolicy {
  const { allowTargets, allowHttpTargets } = env();
  shared.tocsinTargetPolicy ??= createTargetPolicy({ allowTargets, allowHttp: allowHttpTargets });
  return shared.tocsinTargetPolicy;
}

function sender(): Sender {
  shared.tocsinSender ??= createSender({
    policy: targetPolicy(),
    ca: trustedCertificates(env()),
  });
  return shared.tocsinSender;
}

/**
 * Sends the channel's bot server a signed webhook without events, by the code that delivers; never counted.
 * @throws AppError conflict while the channel has no Webhook URL.
 */
export async function checkWebhook(channel: Channel): Promise<CheckedUrl> {
  const url = channel.webhookUrl;
  if (url === null) {
    throw new AppError("conflict", "Set a Webhook URL first.", { key: "no_webhook_url" });
  }
  const secrets = await revealSecrets(database().db, runtimeEnv().encryptionKey, channel.id);
  const { outcome, steps } = await verifyEndpoint(sender(), {
    url,
    destination: channel.botUserId,
    channelSecret: secrets.current,
    nextChannelSecret: secrets.next?.secret ?? null,
  });
  return {
    url,
    steps,
    totalMs: outcome.times.total,
    outcome:
      outcome.state === "delivered"
        ? { state: "success", statusCode: outcome.statusCode }
        : { state: "failed", error: outcome.error },
  };
}
