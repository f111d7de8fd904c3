import { createTargetPolicy } from "#lib/targets/policy.ts";
import { createResolver } from "#lib/transport/resolve.ts";
import type { DeliveryOutcome, DeliveryRequest } from "#lib/transport/schema.ts";
import { createSender, type Sender, type SenderOptions } from "#lib/transport/sender.ts";

/** A sender that may call loopback, in plain http too; asks no name server unless told which. */
export function testSender(
  options: Partial<SenderOptions> & { dns?: string; allowTargets?: readonly string[] } = {},
): Sender {
  const { dns, allowTargets = ["127.0.0.0/8", "::1/128"], ...rest } = options;
  return createSender({
    policy: createTargetPolicy({ allowTargets, allowHttp: true }),
    // Port 9 (discard): a question that leaves by mistake gets no answer.
    resolve: createResolver({ servers: [dns ?? "127.0.0.1:9"], hostsFile: null }),
    ...rest,
  });
}

export function testRequest(
  url: string,
  overrides: Partial<DeliveryRequest> = {},
): DeliveryRequest {
  return {
    url,
    body: Buffer.from('{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'),
    channelSecret: "8c570fa6dd201bb328f1c1eac23a96d8",
    webhookId: "01K9Z0000000000000000000AA",
    ...overrides,
  };
}

/** `reason / detail` of an error, `delivered / status` of a success: what a table of expectations compares. */
export function verdictOf(outcome: DeliveryOutcome): string {
  return outcome.state === "delivered"
    ? `delivered / ${outcome.statusCode}`
    : `${outcome.error.reason} / ${outcome.error.detail}`;
}
