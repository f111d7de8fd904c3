import type { FastifyRequest } from "fastify";
import { AppError } from "#lib/app-error.ts";

/** Revoking a key takes effect within this time. */
const rememberMs = 5_000;
const rememberedMax = 1_000;

type KnownKey = { id: string; name: string };

/** Whose request it is, once it was checked; a request that was not is a defect. */
export type PlatformKeyCheck = {
  check: (request: FastifyRequest) => Promise<void>;
  keyOf: (request: FastifyRequest) => KnownKey;
};

/**
 * A check of `Authorization: Bearer <platform key>`. Keys that were found are remembered for some seconds. `check` throws
 * AppError `unauthenticated`, the same for no key, a malformed one and a wrong one.
 */
export function createPlatformKeyCheck(
  find: (key: string) => Promise<KnownKey | null>,
  now: () => number = () => performance.now(),
): PlatformKeyCheck {
  const remembered = new Map<string, { known: KnownKey; until: number }>();
  const checked = new WeakMap<FastifyRequest, KnownKey>();

  const lookUp = async (key: string): Promise<KnownKey | null> => {
    const before = remembered.get(key);
    if (before !== undefined && before.until > now()) return before.known;
    const known = await find(key);
    remembered.delete(key);
    if (known === null) return null;
    if (remembered.size >= rememberedMax) remembered.clear();
    remembered.set(key, { known, until: now() + rememberMs });
    return known;
  };

  return {
    check: async (request) => {
      const [, key] =
        /^Bearer ([\x21-\x7e]{1,200})$/.exec(request.headers.authorization ?? "") ?? [];
      const known = key === undefined ? null : await lookUp(key);
      if (known === null) {
        throw new AppError(
          "unauthenticated",
          "Authentication failed: send a valid platform key as `Authorization: Bearer <platform key>`.",
        );
      }
      checked.set(request, known);
    },
    keyOf: (request) => {
      const known = checked.get(request);
      if (known === undefined) throw new Error("a route without the check of platform keys");
      return known;
    },
  };
}
