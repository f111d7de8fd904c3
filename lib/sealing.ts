import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const version = "v1";
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Seals a text for the database: AES-256-GCM, 96-bit random nonce, format `v1.<nonce>.<ciphertext>.<tag>` (base64url).
 * `place` (table, column and row id) is authenticated, so a sealed value cannot be moved to another row.
 * Does not protect from someone who has both the database and ENCRYPTION_KEY.
 */
export function seal(key: Buffer, place: string, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return [
    version,
    ...[nonce, sealed, cipher.getAuthTag()].map((part) => part.toString("base64url")),
  ].join(".");
}

/** @throws Error when the key is another one, or the value was changed or belongs to another place. */
export function unseal(key: Buffer, place: string, sealed: string): string {
  const [found, nonce, text, tag] = sealed.split(".");
  if (found !== version || nonce === undefined || text === undefined || tag === undefined) {
    throw new Error(`The sealed value at ${place} is not of a known form`);
  }
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64url"), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(Buffer.from(tag, "base64url"));
    return (
      decipher.update(Buffer.from(text, "base64url"), undefined, "utf8") + decipher.final("utf8")
    );
  } catch (cause) {
    throw new Error(
      `The sealed value at ${place} cannot be opened: is ENCRYPTION_KEY the one it was sealed with?`,
      { cause },
    );
  }
}
