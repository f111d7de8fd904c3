import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import type { ChannelViews } from "./channel-views.ts";
import { causeOfOutcome } from "./find-cause.ts";
import type { LikelyCause } from "./schema.ts";

type Failed = {
  webhook: { channelId: string; url: string | null; body: string };
  outcome: Extract<DeliveryOutcome, { state: "error" }>;
};

/** Failures that other attempts of the channel help to explain. */
function needsOthers({ error: { reason, statusCode } }: Failed["outcome"]): boolean {
  if (reason === "could_not_connect") return false;
  return statusCode === null || [400, 404, 410, 500, 502].includes(statusCode) || statusCode > 504;
}

/** The likely causes of failed attempts, in their order. */
export async function chooseCauses(
  failed: readonly Failed[],
  viewsOf: ChannelViews | undefined,
): Promise<(LikelyCause | null)[]> {
  const asking = failed.filter(({ outcome }) => needsOthers(outcome));
  const views = await viewsOf?.(asking.map(({ webhook }) => webhook.channelId));
  return failed.map(({ webhook, outcome }) => {
    const request = { url: webhook.url ?? "", requestBytes: webhook.body.length };
    return causeOfOutcome(outcome, request, views?.get(webhook.channelId) ?? null);
  });
}
