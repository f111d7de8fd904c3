import { expect } from "@playwright/test";
import { enginePort } from "./ports.ts";

/**
 * Posts so many webhooks of one event each, as a platform with that key does. Together, so that their failures fall into one window
 * of the mails.
 */
export async function postEvents(
  platformKey: string,
  channelId: string,
  count: number,
  event: Readonly<Record<string, unknown>> = { type: "message" },
): Promise<void> {
  const posts = Array.from({ length: count }, () =>
    fetch(`http://127.0.0.1:${enginePort}/v1/channels/${channelId}/webhooks`, {
      method: "POST",
      headers: { authorization: `Bearer ${platformKey}`, "content-type": "application/json" },
      body: JSON.stringify({ events: [event] }),
    }),
  );
  for (const { status } of await Promise.all(posts)) expect(status).toBe(202);
}
