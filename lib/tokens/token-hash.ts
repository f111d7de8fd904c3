import { createHash } from "node:crypto";

/** What is stored of a key or token. A fast hash is right: it is 256 random bits, so there is nothing to guess. */
export const hashToken = (token: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash("sha256").update(token).digest());
