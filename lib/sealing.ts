import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

const version = "v2";
/** Values sealed before keys had names; the key that opens them is found by trying. */
const namelessVersion = "v1";
const nonceBytes = 12;
const tagBytes = 16;

// Older keys go along with the one in force, so whoever seals and opens handles one key.
const olderKeys = new WeakMap<Buffer, readonly Buffer[]>();

/** The key to seal with from now on, which also opens what the older ones sealed. */
export function keyRing(current: Buffer, older: readonly Buffer[]): Buffer {
  const key = Buffer.from(current);
  olderKeys.set(key, older);
  return key;
}

/** A key and the older ones that go along with it. */
export const keysOf = (key: Buffer): readonly Buffer[] => [key, ...(olderKeys.get(key) ?? [])];

/** The name that sealed values carry of their key: tells keys apart, and nothing about them. */
export const keyName = (key: Buffer): string =>
  createHash("sha256").update("tocsin key name").update(key).digest("hex").slice(0, 8);

/** What values sealed with this key begin with. */
export const sealedPrefix = (key: Buffer): string => `${version}.${keyName(key)}.`;

/**
 * Seals a text for the database: AES-256-GCM, 96-bit random nonce, format `v2.<key name>.<nonce>.<ciphertext>.<tag>`
 * (base64url). `place` (table, column and row id) is authenticated, so a sealed value cannot be moved to another row.
 * Does not protect from someone who has both the database and ENCRYPTION_KEY.
 */
export function seal(key: Buffer, place: string, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  const parts = [nonce, sealed, cipher.getAuthTag()].map((part) => part.toString("base64url"));
  return sealedPrefix(key) + parts.join(".");
}

/** @throws Error when the key is another one, or the value was changed or belongs to another place. */
export function unseal(key: Buffer, place: string, sealed: string): string {
  const { keys, parts } = candidatesFor(key, place, sealed);
  let cause: unknown;
  for (const candidate of keys) {
    try {
      return open(candidate, place, parts);
    } catch (error) {
      cause = error;
    }
  }
  throw new Error(
    `The encrypted value at ${place} cannot be decrypted: is ENCRYPTION_KEY, or one of ENCRYPTION_KEYS_OLD, the key it was encrypted with?`,
    { cause },
  );
}

type Parts = { nonce: string; text: string; tag: string };

function candidatesFor(
  key: Buffer,
  place: string,
  sealed: string,
): { keys: readonly Buffer[]; parts: Parts } {
  const [found, ...rest] = sealed.split(".");
  const name = found === version ? rest.shift() : undefined;
  const [nonce, text, tag] = rest;
  const isKnown = found === version || found === namelessVersion;
  if (!isKnown || nonce === undefined || text === undefined || tag === undefined) {
    throw new Error(`The encrypted value at ${place} is not in a known format`);
  }
  const keys = keysOf(key).filter((one) => name === undefined || keyName(one) === name);
  return { keys, parts: { nonce, text, tag } };
}

function open(key: Buffer, place: string, { nonce, text, tag }: Parts): string {
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64url"), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(Buffer.from(tag, "base64url"));
  return (
    decipher.update(Buffer.from(text, "base64url"), undefined, "utf8") + decipher.final("utf8")
  );
}
