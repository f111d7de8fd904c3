import { render } from "@react-email/render";
import { createElement, type ReactElement } from "react";
import { PlainMail, type PlainWords, plainText } from "#components/mails/plain-mail.tsx";
import { TableMail, type TableWords, tableText } from "#components/mails/table-mail.tsx";
import type { Locale } from "#lib/messages/locales.ts";
import type { OrderContent, WeeklyChannel } from "#lib/notifications/mail-orders.ts";
import type { RenderOrder } from "#lib/notifications/schema.ts";
import { notificationsPath } from "#lib/notifications/tab-path.ts";
import { mailWords } from "./mail-words.ts";

type Params<Kind extends OrderContent["kind"]> = Extract<OrderContent, { kind: Kind }>["params"];

/** Renders mails that something else than a failure asked for. */
export function createRenderOrder(baseUrl: string): RenderOrder {
  const host = new URL(baseUrl).host;
  return async (order, url) => {
    const { locale } = order;
    switch (order.kind) {
      case "confirm_address":
        return plain(confirmWords(locale, order.params, url, host));
      case "application": {
        const tab = `${baseUrl}${notificationsPath(order.channelId ?? "")}`;
        return plain(applicationWords(locale, order.params, tab, host));
      }
      case "weekly":
        return table(weeklyWords(locale, order.params, baseUrl, url));
    }
  };
}

async function plain(words: PlainWords) {
  return finish(words.title, createElement(PlainMail, { words }), plainText(words));
}

async function table(words: TableWords) {
  return finish(words.title, createElement(TableMail, { words }), tableText(words));
}

async function finish(subject: string, mail: ReactElement, text: string) {
  return { subject: `Tocsin: ${subject}`, html: await render(mail), text };
}

function confirmWords(
  locale: Locale,
  { channelName }: Params<"confirm_address">,
  url: string,
  host: string,
): PlainWords {
  const t = mailWords(locale);
  return {
    locale,
    title: t("confirmAddress.title"),
    lead: [t("confirmAddress.lead", { channelName }), t("confirmAddress.note")],
    action: { label: t("confirmAddress.open"), url },
    footer: {
      lines: [t("confirmAddress.why"), t("footer.from", { host })],
      unsubscribe: null,
    },
  };
}

function applicationWords(
  locale: Locale,
  { channelName, decision, note }: Params<"application">,
  url: string,
  host: string,
): PlainWords {
  const t = mailWords(locale);
  return {
    locale,
    title: t(`application.${decision}Title`),
    lead: [
      t(`application.${decision}`, { channelName }),
      ...(note === "" ? [] : [t("application.note", { note })]),
    ],
    action: { label: t("application.open"), url },
    footer: { lines: [t("application.why"), t("footer.from", { host })], unsubscribe: null },
  };
}

function weeklyWords(
  locale: Locale,
  { from, to, channels }: Params<"weekly">,
  baseUrl: string,
  unsubscribeUrl: string,
): TableWords {
  const t = mailWords(locale);
  return {
    locale,
    title: t("weekly.title", { from }),
    lead: [t("weekly.lead", { from, to })],
    lines: channels.map((channel) => weeklyLine(locale, channel, baseUrl)),
    more: null,
    action: { label: t("weekly.open"), url: `${baseUrl}/console` },
    footer: {
      lines: [t("weekly.why"), t("footer.from", { host: new URL(baseUrl).host })],
      unsubscribe: { label: t("weekly.unsubscribe"), url: unsubscribeUrl },
    },
  };
}

function weeklyLine(
  locale: Locale,
  channel: WeeklyChannel,
  baseUrl: string,
): TableWords["lines"][number] {
  const t = mailWords(locale);
  const { channelId, name, reason, errors: count, errorsBefore, delivered, isCounted } = channel;
  const before = t("weekly.errors", { count: errorsBefore });
  const figures = `${t("weekly.delivered", { count: delivered })} · ${t("weekly.before", { count: before })}`;
  return {
    key: channelId,
    name,
    url: `${baseUrl}/console/channel/${channelId}/statistics/errors?range=7d`,
    reason,
    facts: [...(reason === null ? [] : [reason]), isCounted ? figures : t("weekly.notCounted")],
    count: isCounted || count > 0 ? t("weekly.errors", { count }) : "–",
  };
}
