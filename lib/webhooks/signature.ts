import { createHmac } from "node:crypto";

/**
 * The value of `x-line-signature`: base64 of HMAC-SHA256 over the exact body bytes, keyed with the channel secret's
 * UTF-8 bytes (docs/platform.md#request). Always exactly one signature: LINE's SDKs compare the whole header value.
 */
export function lineSignature(channelSecret: string, body: Buffer): string {
  return createHmac("sha256", channelSecret).update(body).digest("base64");
}

/**
 * The channel secret as a Standard Webhooks secret, to be pasted into a Standard Webhooks library:
 * `whsec_` + base64 of the channel secret's UTF-8 bytes. Both schemes are thus keyed with the same bytes.
 */
export function standardWebhooksSecret(channelSecret: string): string {
  return `whsec_${Buffer.from(channelSecret, "utf8").toString("base64")}`;
}

/**
 * The value of `webhook-signature` (Standard Webhooks v1): HMAC-SHA256 over `{id}.{timestamp}.{body}`.
 * `timestampSeconds` is the attempt's time, not the event's, so that receivers can refuse replays.
 */
export function standardWebhooksSignature(
  channelSecret: string,
  webhookId: string,
  timestampSeconds: number,
  body: Buffer,
): string {
  const hmac = createHmac("sha256", channelSecret);
  return `v1,${hmac.update(`${webhookId}.${timestampSeconds}.`).update(body).digest("base64")}`;
}
