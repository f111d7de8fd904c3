/**
 * The folders of lib, from the ground up. A folder may use what stands on the floors below its own, and nothing beside or above it;
 * files that stand in no folder are of the ground, but for those that gather (`above`). `rooms.test.ts` holds the code to it, and
 * docs/architecture.md is drawn from it.
 */
export const floors: readonly (readonly string[])[] = [
  // Knows nothing of the product.
  ["answers", "json-text", "limits", "messages", "reading", "submissions", "time"],
  // One thing each that others are made of.
  [
    "answer-times",
    "channel-secrets",
    "delivered-answers",
    "exports",
    "operations",
    "quiet-hours",
    "retention",
    "targets",
    "webhooks",
  ],
  // Who did what; what goes over the wire.
  ["audit", "cancellations", "transport"],
  ["accounts", "causes", "outbox", "queue"],
  ["intake", "members", "verify", "webhook-errors"],
  ["delivery-log", "endpoint-health", "invitations", "live", "problems", "tokens"],
  ["notifications", "redeliveries"],
  // What a person, an operator or an outcome sets going.
  ["alerts", "channels", "grants", "recording"],
  ["providers"],
  ["provisioning", "web"],
];

/** Files in lib itself that know rooms: they gather what each of them needs from the environment. */
export const above: readonly string[] = ["env-schema.ts", "env.ts"];
