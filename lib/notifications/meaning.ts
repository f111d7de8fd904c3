import { endpointSteps } from "#lib/endpoint-health/schema.ts";
import type { NotificationContent, NotificationType } from "./schema.ts";

/** What the key of a notification means: a step of a failing bot server, or a status code, by its type. */
export function meaningOf({
  type,
  key,
}: {
  type: NotificationType;
  key: string;
}): Pick<NotificationContent, "step" | "statusCode"> {
  if (type === "endpoint_failing") {
    return { step: endpointSteps.find((step) => step === key) ?? null, statusCode: null };
  }
  return { step: null, statusCode: /^\d{3}$/.test(key) ? Number(key) : null };
}
