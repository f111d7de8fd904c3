import { openSecrets } from "#lib/channel-secrets/secret.ts";
import type { ClaimedWebhook } from "#lib/queue/claim.ts";
import { markRedelivery } from "#lib/queue/events.ts";
import type { DeliveryOutcome, DeliveryRequest } from "#lib/transport/schema.ts";
import type { Destination, Places } from "./places.ts";
import type { Recorder } from "./recorder.ts";

export type DeliverOptions = {
  send: (request: DeliveryRequest) => Promise<DeliveryOutcome>;
  recorder: Recorder;
  places: Pick<Places, "enter" | "leave">;
  encryptionKey: Buffer;
  now: () => Date;
};

/** Opened secrets kept, by their sealed form: a reissue makes a new one. */
const openedMax = 5_000;

/**
 * Sends one claimed webhook and hands its outcome to the recorder. A webhook that may have left before (an earlier
 * attempt, recorded or cut off by a crash) is marked as redelivery. What cannot even be attempted here (a secret that
 * does not open) is recorded as `unclassified` with the truth in its note, so that it ends and the lane goes on.
 */
export function createDeliver(options: DeliverOptions): (webhook: ClaimedWebhook) => Promise<void> {
  const opened = new Map<string, ReturnType<typeof openSecrets>>();
  const secretsOf = ({ channelId, sealedSecrets }: ClaimedWebhook) => {
    const sealed = sealedSecrets ?? { current: "", next: null, isNextInForce: false };
    const form = `${sealed.isNextInForce} ${sealed.current} ${sealed.next}`;
    const known = opened.get(form);
    if (known !== undefined) return known;
    if (opened.size >= openedMax) opened.clear();
    const secrets = openSecrets(options.encryptionKey, channelId, sealed);
    opened.set(form, secrets);
    return secrets;
  };

  const attempt = async (webhook: ClaimedWebhook, url: string): Promise<DeliveryOutcome> => {
    const startedAt = options.now();
    try {
      const secrets = secretsOf(webhook);
      const marked = () => Buffer.from(markRedelivery(webhook.body));
      const isFirst = webhook.attempt === 1;
      return await options.send({
        url,
        body: isFirst ? Buffer.from(webhook.body) : marked(),
        ...(isFirst ? { markedBody: marked } : {}),
        channelSecret: secrets.current,
        nextChannelSecret: secrets.next,
        webhookId: webhook.id,
      });
    } catch (error) {
      return unattempted(startedAt, error);
    }
  };

  return async (webhook) => {
    const { url } = webhook;
    const to = webhookDestination(webhook);
    if (to === null || url === null) {
      await options.recorder.unsent(webhook);
      return;
    }
    const place = options.places.enter(to);
    const outcome = await attempt(webhook, url);
    options.places.leave(place);
    // The slot is free from here on; the recorder batches, and `pending` holds back the claims when it falls behind.
    void options.recorder.record({ webhook, outcome });
  };
}

/** Where it goes by the settings that it was claimed with; null: it is not sent. */
export function webhookDestination(webhook: ClaimedWebhook): Destination | null {
  const { lane, channelId, url, useWebhook } = webhook;
  return useWebhook && url !== null ? { lane, channelId, host: hostOf(url) } : null;
}

const knownHosts = new Map<string, string>();
/** Hosts remembered by URL: a channel's is the same for every webhook, and taking it apart is not free. */
const knownHostsMax = 10_000;

/** The host of a destination, as far as it can be told; the transport judges the URL itself. */
function hostOf(url: string): string {
  const known = knownHosts.get(url);
  if (known !== undefined) return known;
  if (knownHosts.size >= knownHostsMax) knownHosts.clear();
  const host = URL.canParse(url) ? new URL(url).host : "";
  knownHosts.set(url, host);
  return host;
}

function unattempted(startedAt: Date, error: unknown): DeliveryOutcome {
  return {
    state: "error",
    startedAt,
    times: { total: 0 },
    seen: { phase: "url" },
    note: `not attempted: ${error instanceof Error ? error.message : String(error)}`,
    protocol: null,
    remoteAddress: null,
    error: {
      reason: "unclassified",
      detail: "Unclassified webhook dispatch error",
      statusCode: null,
    },
    retryAfterMs: null,
    response: null,
  };
}
