import type { ReadAnswer } from "./facts.ts";

/** Who stands before bot servers and answers in their place. */
export type FrontEnd =
  | "nginx"
  | "apache"
  | "haproxy"
  | "caddy"
  | "lighttpd"
  | "h2o"
  | "nghttpx"
  | "varnish"
  | "squid"
  | "envoy"
  | "traefik"
  | "load_balancer"
  | "cdn"
  | "tunnel"
  | "hosting";

/** HAProxy names itself nowhere; its pages begin like this (errorfiles of 2.6). */
const haproxyPage =
  /^<html><body><h1>\d{3} [a-z -]+<\/h1>\n(no server is available|the server |request forbidden by|you have sent too many|your browser |this is a private)/;

const byServer: readonly [RegExp, FrontEnd][] = [
  [/^(nginx|openresty|tengine)\b/, "nginx"],
  [/^apache\b/, "apache"],
  [/^caddy\b/, "caddy"],
  [/^lighttpd\b/, "lighttpd"],
  [/^h2o\b/, "h2o"],
  [/^nghttpx\b/, "nghttpx"],
  [/^varnish\b/, "varnish"],
  [/^squid\b/, "squid"],
  [/^(envoy|istio-envoy)\b/, "envoy"],
  [/^awselb\b/, "load_balancer"],
  [/^google frontend\b/, "load_balancer"],
  [/^(cloudflare|cloudfront|akamaighost|fastly)\b/, "cdn"],
];

/**
 * Which front end wrote this answer itself, as far as its headers and page say; null when it is the bot's own or nobody
 * can tell. A `Server` header alone proves little, since proxies add theirs to answers that they pass on: so the page
 * must be the front end's too, or empty.
 */
export function frontEndOf(answer: ReadAnswer): FrontEnd | null {
  const { header, text } = answer;
  if (haproxyPage.test(text)) return "haproxy";
  if (header("x-squid-error") !== "") return "squid";
  if (header("ngrok-error-code") !== "" || /ngrok|localtunnel|tunnel .{0,40}not found/.test(text)) {
    return "tunnel";
  }
  if (isHosting(answer)) return "hosting";
  if (/error code: 1\d{3}|cloudflare ray id/.test(text)) return "cdn";
  const server = header("server");
  const known = byServer.find(([pattern]) => pattern.test(server))?.[1] ?? null;
  return known !== null && isOwnPage(known, answer) ? known : null;
}

const isHosting = ({ header, text }: ReadAnswer): boolean =>
  header("x-vercel-error") !== "" ||
  header("x-railway-fallback") !== "" ||
  header("x-render-routing").includes("no-server") ||
  /herokucdn\.com\/error-pages|no such app/.test(text);

/** Debian's pages: the name stands below the line, or the text is the one that the program has for the status. */
const ownPages: Partial<Record<FrontEnd, RegExp>> = {
  nginx: /<hr><center>(nginx|openresty|tengine)/,
  apache: /^<!doctype html public "-\/\/(ietf\/\/dtd html 2\.0|w3c\/\/dtd html 4\.01)/,
  lighttpd: /^<\?xml version="1\.0" encoding="iso-8859-1"\?>\s*<!doctype html public/,
  h2o: /^(connection failed|i\/o error|i\/o timeout|failed to parse|first byte timeout|method not allowed|not found|internal error|refused connection|connection closed|connection timeout)/,
  nghttpx: /<footer>nghttpx/,
  varnish: /guru meditation/,
  envoy:
    /^(upstream connect error|upstream request timeout|no healthy upstream|rbac: access denied|local_rate_limited)?/,
};

function isOwnPage(name: FrontEnd, answer: ReadAnswer): boolean {
  if (name === "caddy") return answer.bodyBytes === 0;
  return ownPages[name]?.test(answer.text) ?? true;
}
