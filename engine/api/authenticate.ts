import type { FastifyRequest } from "fastify";
import { AppError } from "#lib/app-error.ts";

const rememberedMax = 1_000;

/** Whose token it is: a platform key, or the channel that a token speaks for. */
type Bearer = { id: string; name: string };

/** Whose request it is, once it was checked; a request that was not is a defect. */
export type BearerCheck = {
  check: (request: FastifyRequest) => Promise<void>;
  bearerOf: (request: FastifyRequest) => Bearer;
};

type Options = {
  find: (token: string) => Promise<Bearer | null>;
  /** What the refusal says to whoever sends none, a malformed or a wrong one: the same for all. */
  refusal: string;
  /** How long a token that was found is taken without looking again, and so works after it was revoked. */
  rememberMs: number;
  now?: () => number;
};

/** A check of `Authorization: Bearer <token>`; throws AppError `unauthenticated`. */
export function createBearerCheck(options: Options): BearerCheck {
  const { find, refusal, rememberMs, now = () => performance.now() } = options;
  const remembered = new Map<string, { known: Bearer; until: number }>();
  const checked = new WeakMap<FastifyRequest, Bearer>();

  const lookUp = async (token: string): Promise<Bearer | null> => {
    const before = remembered.get(token);
    if (before !== undefined && before.until > now()) return before.known;
    const known = await find(token);
    remembered.delete(token);
    if (known === null) return null;
    if (remembered.size >= rememberedMax) remembered.clear();
    if (rememberMs > 0) remembered.set(token, { known, until: now() + rememberMs });
    return known;
  };

  return {
    check: async (request) => {
      const [, token] =
        /^Bearer ([\x21-\x7e]{1,200})$/.exec(request.headers.authorization ?? "") ?? [];
      const known = token === undefined ? null : await lookUp(token);
      if (known === null) throw new AppError("unauthenticated", refusal);
      checked.set(request, known);
    },
    bearerOf: (request) => {
      const known = checked.get(request);
      if (known === undefined) throw new Error("a route without the check of bearer tokens");
      return known;
    },
  };
}
