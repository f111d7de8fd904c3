import type { Pool } from "pg";
import { v7 as newId } from "uuid";
import { inTransaction } from "#lib/db.ts";
import { defaultLocale, isLocale } from "#lib/messages/locales.ts";
import { toHeaderSafe } from "#lib/outbox/header-safe.ts";
import { addressKey } from "#lib/outbox/mail-address.ts";
import { newMessageId } from "#lib/outbox/message-id.ts";
import { sealContent } from "#lib/outbox/post-mail.ts";
import type { NewMail } from "#lib/outbox/schema.ts";
import { withClient } from "#lib/outbox/statement.ts";
import { storeMails } from "#lib/outbox/store-mails.ts";
import { claimOrders, markWritten, orderLinks, type StoredOrder } from "./mail-orders.ts";
import { signMailToken, unsubscribeUrl } from "./mail-token.ts";
import type { ClosingOptions } from "./schema.ts";

const ordersMax = 20;
/** How long the link of a confirmation works. */
const confirmationLifeMs = 7 * 24 * 3_600_000;

/** Writes the mails that were ordered, each with the mark that it was, in one transaction. Returns how many. */
export async function writeOrders(pool: Pool, options: ClosingOptions): Promise<number> {
  let count = 0;
  for (let more = true; more; ) {
    const written = await inTransaction(pool, async (client) => {
      const orders = await claimOrders(client, ordersMax);
      const mails = await Promise.all(orders.map((order) => compose(order, options)));
      await storeMails(withClient(client), mails, options.now);
      if (orders.length > 0)
        await markWritten(
          client,
          orders.map(({ id }) => id),
        );
      return orders.length;
    });
    count += written;
    more = written === ordersMax;
  }
  return count;
}

async function compose(order: StoredOrder, options: ClosingOptions): Promise<NewMail> {
  const id = newId();
  const locale = isLocale(order.locale) ? order.locale : defaultLocale;
  const timeZone = order.timeZone ?? options.displayTimeZone;
  const key = addressKey(order.recipient);
  const weekly = unsubscribeUrl(options, { kind: "weekly", address: key });
  const link = orderLinks[order.kind];
  const isSecret = link === "confirm";
  const { subject, ...content } = await options.renderOrder(
    { ...order, locale, timeZone },
    isSecret ? confirmUrl(order, options) : weekly,
  );
  return {
    ...{ id, locale },
    // Whoever has the link of a confirmation says for the mailbox that it takes the channel's mails.
    ...(isSecret
      ? sealContent(options.encryptionKey, id, content)
      : { ...content, sealedContent: null }),
    kind: order.kind,
    notificationId: null,
    channelId: order.channelId,
    address: order.recipient,
    subject: toHeaderSafe(subject, 255),
    messageId: newMessageId(id, options.messageIdDomain),
    unsubscribeUrl: link === "end_weekly" ? weekly : null,
    keep: options.keep,
  };
}

function confirmUrl(order: StoredOrder, { baseUrl, encryptionKey }: ClosingOptions): string {
  const token = signMailToken(encryptionKey, {
    kind: "confirm",
    channelId: order.channelId ?? "",
    address: addressKey(order.recipient),
    until: order.createdAt.getTime() + confirmationLifeMs,
  });
  return `${baseUrl}/confirm-address/${token}`;
}
