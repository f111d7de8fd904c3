import { markRedelivery } from "#lib/queue/events.ts";
import { requestHeaders } from "#lib/transport/request-headers.ts";

export type SentRequest = {
  url: string;
  /** In the order in which they are sent; HTTP/2 says `host` as `:authority`. */
  headers: readonly (readonly [string, string])[];
  body: string;
};

export type ChannelSecrets = { current: string; next: string | null };

const signatures: ReadonlySet<string> = new Set([
  "x-line-signature",
  "x-line-signature-next",
  "webhook-signature",
]);

/**
 * The request of an attempt as it was sent, made again by the code that made it: from the body, the attempt's number and
 * the time at which it started. Only the secret may have changed since. Without secrets the signatures are left out.
 */
export function rebuildRequest(
  webhook: { id: string; body: string },
  attempt: { attempt: number; startedAt: Date; url: string },
  secrets: ChannelSecrets | null,
): SentRequest {
  const { body, bytes } = attempt.attempt > 1 ? redeliveryOf(webhook) : textOf(webhook.body);
  const signed = requestHeaders(
    {
      url: attempt.url,
      body: bytes,
      channelSecret: secrets?.current ?? "",
      nextChannelSecret: secrets?.next ?? null,
      webhookId: webhook.id,
    },
    attempt.startedAt,
  );
  return {
    url: attempt.url,
    headers: [
      ["host", URL.canParse(attempt.url) ? new URL(attempt.url).host : ""],
      ["content-length", String(bytes.length)],
      ...signed.filter(([name]) => secrets !== null || !signatures.has(name)),
    ],
    body,
  };
}

type BodyText = { body: string; bytes: Buffer };

const textOf = (body: string): BodyText => ({ body, bytes: Buffer.from(body) });

const redeliveries = new WeakMap<object, BodyText>();

/** A page asks for each of a hundred attempts of a webhook, of which all but the first had the same body. */
function redeliveryOf(webhook: { body: string }): BodyText {
  const made = redeliveries.get(webhook) ?? textOf(markRedelivery(webhook.body));
  redeliveries.set(webhook, made);
  return made;
}

/** Linux takes no single argument beyond 128 KiB. */
const argumentBytesMax = 100_000;

// What curl adds of its own is taken away again; an old one asks first (`expect`) before bodies of 1 KiB, any before 1 MiB.
const withoutOwnHeaders = ["-H 'accept:'", "-H 'expect:'"];

/**
 * A command for a POSIX shell that sends the request again: one request with the same path, headers and body. `-q` keeps
 * it from what stands in a `.curlrc`, `--globoff` from taking brackets in the URL for several URLs.
 */
export function curlCommand({ url, headers, body }: SentRequest): string {
  const sent = headers.filter(([name]) => name !== "host" && name !== "content-length");
  const fields = sent.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  const lines = ["curl -q -i --globoff", ...withoutOwnHeaders, ...fields];
  if (Buffer.byteLength(body) <= argumentBytesMax) {
    return [...lines, `--data-binary ${quote(body)}`, quote(asSent(url))].join(" \\\n  ");
  }
  // printf is built into the shell, where that limit does not hold.
  const command = [...lines, "--data-binary @-", quote(asSent(url))].join(" \\\n  ");
  return `printf %s ${quote(body)} | ${command}`;
}

/** curl sends a URL's characters as they stand; the sender encodes them and drops an empty query. */
function asSent(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname}${search}`;
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
