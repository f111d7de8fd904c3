import { expect, test } from "vitest";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { locales } from "#lib/messages/locales.ts";
import { likelyCauses } from "./schema.ts";

/** What says that a cause is not certain. */
const hedges = /usually|often|perhaps|多く|よく|可能性|普通|通常/i;
/** Causes that a protocol or a status states by itself need no doubt. */
const surelyKnown = new Set([
  "url_unusable",
  "name_servers_silent",
  "client_certificate_demanded",
  "host_name_unknown_to_server",
  "tls_too_old",
  "certificate_expired",
  "certificate_self_signed",
  "tls_failed",
  "http_sent_to_tls_port",
  "sign_in_demanded",
  "body_too_large",
  "rate_limited",
  "bot_slow_behind_proxy",
  "cdn_cannot_reach_bot",
  "hosting_reports_failure",
]);

test.each(locales)("each cause has a name, a sentence and advice of its own in %s", (locale) => {
  const words = messagesFor(locale).causes;
  for (const part of ["name", "cause", "action"] as const) {
    const texts = likelyCauses.map((cause) => words[cause][part]);
    expect(new Set(texts).size).toBe(likelyCauses.length);
  }
});

test.each(locales)("what is not certain is not told as if it were, in %s", (locale) => {
  const words = messagesFor(locale).causes;
  const told = likelyCauses.filter((cause) => !hedges.test(words[cause].cause));
  expect(told.filter((cause) => !surelyKnown.has(cause))).toEqual([]);
});
