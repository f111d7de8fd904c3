import { createHash } from "node:crypto";

/** Before the digest of the events' own texts; what was stored without it is of the form before. */
const ownTexts = Buffer.from([2]);

/**
 * What an Idempotency-Key stands for: the events as they were posted, not as they are sent, where ids and times are made anew
 * each time. Blanks within an event count, those between events do not.
 */
export function hashEvents(events: readonly string[]): Buffer {
  return Buffer.concat([ownTexts, sha256(`[${events.join(",")}]`)]);
}

/** Also of keys from before the upgrade, which stand for what JSON.parse made of the events; they are gone a day later. */
export function isHashOf(hash: Uint8Array, events: readonly string[]): boolean {
  if (hash.length > 32) return hashEvents(events).equals(hash);
  return sha256(JSON.stringify(JSON.parse(`[${events.join(",")}]`))).equals(hash);
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
