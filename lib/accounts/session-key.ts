import { hashSecret } from "./secrets.ts";

/** What names a session to its owner and to commands: the hash of its random id leads nobody to the id. */
export const sessionKey = (id: string): string => keyOfHash(hashSecret(id));

export const keyOfHash = (idHash: Uint8Array): string => Buffer.from(idHash).toString("base64url");

export const hashOfSessionKey = (key: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(key, "base64url"));
