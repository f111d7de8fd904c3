import { webhookHref } from "./filter.ts";

/** Where the bytes of an attempt's answer are downloaded. */
export function answerHref(channelId: string, webhookId: string, attempt: number): string {
  return `${webhookHref(channelId, webhookId)}/answers/${attempt}`;
}
