import { lineSignature, standardWebhooksSignature } from "#lib/webhooks/signature.ts";
import type { DeliveryRequest } from "./schema.ts";

const userAgent = "LineBotWebhook/2.0";
const contentType = "application/json; charset=utf-8";

/**
 * The headers of one attempt after `host` and `content-length`, in LINE's order and case (docs/platform.md#request), then the
 * three of Standard Webhooks. Signed anew at each attempt: a redelivery's bytes and secret may differ. While two secrets
 * overlap, `x-line-signature` stays with the old one, because LINE's SDKs compare its whole value with one signature;
 * the new one signs in `x-line-signature-next`, and in `webhook-signature` as that standard's second signature.
 * @throws Error when the webhook id cannot stand in a header: it is ours, so that is a defect.
 */
export function requestHeaders(request: DeliveryRequest, now: Date): [string, string][] {
  const { body, channelSecret, nextChannelSecret: next = null, webhookId } = request;
  if (!/^[\x21-\x7e]+$/.test(webhookId)) throw new Error("A webhook id is printable ASCII.");
  const timestamp = Math.floor(now.getTime() / 1_000);
  const standard = standardWebhooksSignature(channelSecret, webhookId, timestamp, body);
  return [
    ["content-type", contentType],
    ["user-agent", userAgent],
    ["x-line-signature", lineSignature(channelSecret, body)],
    ...nextSignature(next, body),
    ["webhook-id", webhookId],
    ["webhook-timestamp", String(timestamp)],
    [
      "webhook-signature",
      next === null
        ? standard
        : `${standard} ${standardWebhooksSignature(next, webhookId, timestamp, body)}`,
    ],
  ];
}

function nextSignature(next: string | null, body: Buffer): [string, string][] {
  return next === null ? [] : [["x-line-signature-next", lineSignature(next, body)]];
}
