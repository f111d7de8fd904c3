import { testRequest } from "#e2e/servers/sending.ts";
import type { DeliveryRequest } from "#lib/transport/schema.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";

const body = (isRedelivery: boolean) =>
  Buffer.from(
    JSON.stringify({
      destination: "U8e742f61d673b39c7fff3cecb7536ef0",
      events: [
        {
          type: "message",
          webhookEventId: "01K9Z0000000000000000000AB",
          deliveryContext: { isRedelivery },
          message: { type: "text", id: "1", text: "Hello, bot." },
        },
      ],
    }),
  );
const first = body(false);
const marked = body(true);

/** A webhook of its own with an event in it, which a repeat marks. */
export function webhook(url: string): DeliveryRequest {
  return testRequest(url, {
    body: first,
    markedBody: () => marked,
    webhookId: newWebhookId(new Date()),
  });
}
