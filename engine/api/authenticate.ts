import type { FastifyRequest } from "fastify";
import { AppError } from "#lib/app-error.ts";

/** Revoking a key takes effect within this time. */
const rememberMs = 5_000;
const rememberedMax = 1_000;

/**
 * A check of `Authorization: Bearer <platform key>`. Keys that were found are remembered for some seconds.
 * @throws AppError `unauthenticated`, the same for no key, a malformed one and a wrong one.
 */
export function createPlatformKeyCheck(
  find: (key: string) => Promise<string | null>,
  now: () => number = () => performance.now(),
): (request: FastifyRequest) => Promise<void> {
  const remembered = new Map<string, number>();
  return async (request) => {
    const [, key] = /^Bearer ([\x21-\x7e]{1,200})$/.exec(request.headers.authorization ?? "") ?? [];
    if (key !== undefined) {
      if ((remembered.get(key) ?? 0) > now()) return;
      if ((await find(key)) !== null) {
        if (remembered.size >= rememberedMax) remembered.clear();
        remembered.set(key, now() + rememberMs);
        return;
      }
      remembered.delete(key);
    }
    throw new AppError(
      "unauthenticated",
      "Authentication failed: send a valid platform key as `Authorization: Bearer <platform key>`.",
    );
  };
}
