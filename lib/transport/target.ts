import { isIP } from "node:net";
import { bareName } from "#lib/targets/names.ts";
import type { TargetPolicy } from "#lib/targets/policy.ts";
import type { UrlProblem } from "#lib/targets/schema.ts";

/** Where a webhook URL leads, taken apart once. */
export type Target = {
  /** Scheme, host and port: connections are shared by it. */
  origin: string;
  secure: boolean;
  /** Name or literal address to resolve and connect to; no brackets, no final dot. */
  host: string;
  isLiteral: boolean;
  port: number;
  /** Value of `host` / `:authority`. */
  authority: string;
  path: string;
};

export type TargetVerdict =
  | { ok: true; target: Target }
  | { ok: false; problem: UrlProblem; message: string };

const remembered = 5_000;

/** Judges and takes apart URLs, remembering the last 5,000: a channel's URL is the same for every event. */
export function createTargetReader(policy: TargetPolicy): (url: string) => TargetVerdict {
  const known = new Map<string, TargetVerdict>();
  return (url) => {
    const seen = known.get(url);
    if (seen) return seen;
    const verdict = policy.checkUrl(url);
    const read: TargetVerdict = verdict.ok ? { ok: true, target: takeApart(verdict.url) } : verdict;
    if (known.size >= remembered) known.clear();
    known.set(url, read);
    return read;
  };
}

function takeApart(url: URL): Target {
  const secure = url.protocol === "https:";
  const host = bareName(url.hostname.replace(/^\[|\]$/g, ""));
  return {
    origin: url.origin,
    secure,
    host,
    isLiteral: isIP(host) !== 0,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    authority: url.host,
    path: `${url.pathname}${url.search}`,
  };
}
