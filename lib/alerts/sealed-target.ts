import { seal, unseal } from "#lib/sealing.ts";

const urlPlace = (id: string): string => `alert_targets.sealed_url.${id}`;
const secretPlace = (id: string): string => `alert_targets.sealed_secret.${id}`;

export function sealTargetUrl(key: Buffer, id: string, url: string): string {
  return seal(key, urlPlace(id), url);
}

/** What of a target only the engine may read: empty texts where its kind has none. */
export type TargetCredentials = { token: string; recipient: string };

export function sealCredentials(
  key: Buffer,
  id: string,
  { token, recipient }: TargetCredentials,
): string | null {
  if (token === "") return null;
  // The secret of a signed webhook stands alone, as it always did.
  const text = recipient === "" ? token : `${token} ${recipient}`;
  return seal(key, secretPlace(id), text);
}

/** @throws Error when the key is another one than they were sealed with. */
export function openTarget(
  key: Buffer,
  { id, sealedUrl, sealedSecret }: { id: string; sealedUrl: string; sealedSecret: string | null },
): { url: string; credentials: TargetCredentials } {
  const text = sealedSecret === null ? "" : unseal(key, secretPlace(id), sealedSecret);
  const [token = "", recipient = ""] = text.split(" ");
  return { url: unseal(key, urlPlace(id), sealedUrl), credentials: { token, recipient } };
}
