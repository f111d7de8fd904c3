import { type HeaderSafe, nameInMailsLengthMax, toHeaderSafe } from "#lib/outbox/header-safe.ts";
import type { NotificationType } from "./schema.ts";

/** The platform's own subjects, in English whatever the language of the mail (docs/platform.md#mails), and ours like them. */
const subjects = {
  error_detected: "Messaging API: Your bot server returned no response or an error",
  redelivery_stopped: "Messaging API: Webhook redelivery stopped",
  endpoint_failing: "Messaging API: Your bot server keeps failing",
  recovered: "Messaging API: Your bot server has recovered",
  test: "Messaging API: Test mail",
} as const satisfies Record<NotificationType, string>;

export function subjectFor(type: NotificationType, channelName: string): HeaderSafe {
  const name = toHeaderSafe(channelName, nameInMailsLengthMax);
  return `${subjects[type]} - ${name}` as HeaderSafe;
}

export function digestSubject(channelCount: number): HeaderSafe {
  const what = channelCount === 1 ? "one channel" : `${channelCount} channels`;
  return toHeaderSafe(`Messaging API: Errors in ${what}`, 120);
}
