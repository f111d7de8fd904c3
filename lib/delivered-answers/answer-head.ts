import type { AnswerContent } from "./schema.ts";

/** What the fields of an answer say, as far as it matters here; null where a field is missing. */
export type AnswerHead = {
  contentType: string | null;
  contentEncoding: string | null;
  server: string | null;
  /** Some cache on the way says that it answered. */
  isFromCache: boolean;
};

/** Reads the fields once; names are compared without case. */
export function readHead(headers: AnswerContent["headers"]): AnswerHead {
  const head: AnswerHead = {
    contentType: null,
    contentEncoding: null,
    server: null,
    isFromCache: false,
  };
  for (const [name, value] of headers) {
    switch (name.toLowerCase()) {
      case "content-type":
        head.contentType ??= value;
        break;
      case "content-encoding":
        head.contentEncoding ??= value;
        break;
      case "server":
        head.server ??= value;
        break;
      // RFC 9111 section 5.1: what an origin has just made carries no Age; a cache that only passed it on may say 0.
      case "age":
        head.isFromCache ||= Number.parseInt(value, 10) > 0;
        break;
      case "x-cache":
      case "x-cache-status":
      case "x-proxy-cache":
      case "x-litespeed-cache":
      case "x-vercel-cache":
      case "cf-cache-status":
        head.isFromCache ||= saysHit(value);
        break;
      // Varnish: the request's own number, and on a hit that of the request which filled the cache.
      case "x-varnish":
        head.isFromCache ||= /^\s*\d+\s+\d+\s*$/.test(value);
        break;
      case "cache-status":
        head.isFromCache ||= hasHitParameter(value);
        break;
    }
  }
  return head;
}

/**
 * One word per cache that was passed: `HIT`, `Hit from cloudfront`, `TCP_MEM_HIT`, `MISS, HIT`. What follows the word may be a
 * host's name, and says nothing. `STALE` and `UPDATING` are answers from a cache too.
 */
function saysHit(value: string): boolean {
  return value
    .split(",")
    .some((part) => /^(?:\w*_|refresh)?hit\b|^(?:stale|updating)\b/i.test(part.trim()));
}

/** RFC 9211 section 2.1: `ExampleCache; hit; ttl=30`. */
function hasHitParameter(value: string): boolean {
  return /;\s*hit\s*(?:=\s*\?1\s*)?(?:[;,]|$)/i.test(value);
}
