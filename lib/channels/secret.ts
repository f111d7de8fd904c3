import { randomBytes, randomInt } from "node:crypto";
import { seal, unseal } from "#lib/sealing.ts";

/** The place a sealed channel secret is bound to. */
const secretPlace = (channelId: string): string => `channels.sealed_secret.${channelId}`;

/** 32 hex digits, as LINE's. */
export function newChannelSecret(): string {
  return randomBytes(16).toString("hex");
}

export function sealChannelSecret(key: Buffer, channelId: string, secret: string): string {
  return seal(key, secretPlace(channelId), secret);
}

/** @throws Error when the key is another one than it was sealed with. */
export function openChannelSecret(key: Buffer, channelId: string, sealed: string): string {
  return unseal(key, secretPlace(channelId), sealed);
}

/** Ten decimal digits, the first not zero: ids of channels and providers. */
export function newDecimalId(): string {
  return String(randomInt(1_000_000_000, 10_000_000_000));
}

/** "U" and 32 hex digits: the `destination` of a channel's webhooks. */
export function newBotUserId(): string {
  return `U${randomBytes(16).toString("hex")}`;
}
