import { randomBytes, randomInt } from "node:crypto";
import { seal, unseal } from "#lib/sealing.ts";

/** The places that sealed channel secrets are bound to: neither can stand in the other's column, or another channel's. */
const secretPlace = (channelId: string): string => `channels.sealed_secret.${channelId}`;
const nextSecretPlace = (channelId: string): string => `channels.next_sealed_secret.${channelId}`;

/** How long both secrets of an overlap sign (reliability: the industry's custom is 24 h). */
export const overlapHours = 24;

/** 32 hex digits, as LINE's. */
export function newChannelSecret(): string {
  return randomBytes(16).toString("hex");
}

export function sealChannelSecret(key: Buffer, channelId: string, secret: string): string {
  return seal(key, secretPlace(channelId), secret);
}

export function sealNextSecret(key: Buffer, channelId: string, secret: string): string {
  return seal(key, nextSecretPlace(channelId), secret);
}

/**
 * A channel's secrets as the database has them. `next` is there while an overlap runs and, with `isNextInForce` by
 * database time, after it has ended by itself: `current` is obsolete then.
 */
export type SealedSecrets = { current: string; next: string | null; isNextInForce: boolean };

/**
 * What to sign with at this moment: `current` is in force; `next` signs beside it while an overlap runs, else null.
 * @throws Error when the key is another one than they were sealed with.
 */
export function openSecrets(
  key: Buffer,
  channelId: string,
  sealed: SealedSecrets,
): { current: string; next: string | null } {
  const next = sealed.next === null ? null : unseal(key, nextSecretPlace(channelId), sealed.next);
  if (next !== null && sealed.isNextInForce) return { current: next, next: null };
  return { current: unseal(key, secretPlace(channelId), sealed.current), next };
}

/** Ten decimal digits, the first not zero: ids of channels and providers. */
export function newDecimalId(): string {
  return String(randomInt(1_000_000_000, 10_000_000_000));
}

/** "U" and 32 hex digits: the `destination` of a channel's webhooks. */
export function newBotUserId(): string {
  return `U${randomBytes(16).toString("hex")}`;
}
