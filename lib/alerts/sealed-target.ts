import { seal, unseal } from "#lib/sealing.ts";

const urlPlace = (id: string): string => `alert_targets.sealed_url.${id}`;
const secretPlace = (id: string): string => `alert_targets.sealed_secret.${id}`;

export function sealTargetUrl(key: Buffer, id: string, url: string): string {
  return seal(key, urlPlace(id), url);
}

export function sealTargetSecret(key: Buffer, id: string, secret: string): string {
  return seal(key, secretPlace(id), secret);
}

/** @throws Error when the key is another one than they were sealed with. */
export function openTarget(
  key: Buffer,
  { id, sealedUrl, sealedSecret }: { id: string; sealedUrl: string; sealedSecret: string | null },
): { url: string; secret: string | null } {
  return {
    url: unseal(key, urlPlace(id), sealedUrl),
    secret: sealedSecret === null ? null : unseal(key, secretPlace(id), sealedSecret),
  };
}
