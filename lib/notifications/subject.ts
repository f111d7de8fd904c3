import { channelNameLengthMax, type HeaderSafe, toHeaderSafe } from "./header-safe.ts";
import type { NotificationType } from "./schema.ts";

/** The platform's own subjects, in English whatever the language of the mail (fact sheet 3.1 and 3.2), and one like them. */
const subjects = {
  error_detected: "Messaging API: Your bot server returned no response or an error",
  redelivery_stopped: "Messaging API: Webhook redelivery stopped",
  endpoint_failing: "Messaging API: Your bot server keeps failing",
} as const satisfies Record<NotificationType, string>;

export function subjectFor(type: NotificationType, channelName: string): HeaderSafe {
  const name = toHeaderSafe(channelName, channelNameLengthMax);
  return `${subjects[type]} - ${name}` as HeaderSafe;
}
