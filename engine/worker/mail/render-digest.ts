import { render } from "@react-email/render";
import { createElement } from "react";
import { createTranslator } from "use-intl/core";
import { TableMail, type TableWords, tableText } from "#components/mails/table-mail.tsx";
import type { LikelyCause } from "#lib/causes/schema.ts";
import { formatDateTime } from "#lib/format.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { causeUrlFor } from "#lib/notifications/cause-url.ts";
import {
  type DigestContent,
  type DigestLine,
  errorsTold,
  isFailure,
  type Reminder,
  type RenderDigest,
} from "#lib/notifications/schema.ts";
import { mailWords } from "./mail-words.ts";
import { usableZone } from "./render-mail.ts";

/** Renders digests as HTML and as text. */
export function createRenderDigest(baseUrl: string): RenderDigest {
  return async (given, unsubscribeUrl) => {
    const content = { ...given, timeZone: usableZone(given.timeZone) };
    const words = wordsFor(content, baseUrl, unsubscribeUrl);
    return { html: await render(createElement(TableMail, { words })), text: tableText(words) };
  };
}

function wordsFor(content: DigestContent, baseUrl: string, unsubscribeUrl: string): TableWords {
  const { locale, channelCount, moreCount, moreErrorCount, lines } = content;
  const t = mailWords(locale);
  return {
    locale,
    title: t("digest.title", { count: channelCount }),
    lead: [t("digest.lead")],
    lines: lines.map((line, index) => lineOf(line, index, content, baseUrl)),
    more:
      moreCount === 0
        ? null
        : t("digest.more", {
            count: moreCount,
            errors: t("digest.errors", { count: moreErrorCount }),
          }),
    action: { label: t("digest.open"), url: `${baseUrl}/console` },
    footer: {
      lines: [t("footer.whyDigest"), t("footer.from", { host: new URL(baseUrl).host })],
      unsubscribe: { label: t("footer.unsubscribeDigest"), url: unsubscribeUrl },
    },
  };
}

function lineOf(
  line: DigestLine,
  index: number,
  { locale, timeZone }: DigestContent,
  baseUrl: string,
): TableWords["lines"][number] {
  const t = mailWords(locale);
  const messages = messagesFor(locale);
  const words = createTranslator({ locale, messages, namespace: "causes" });
  const causeOf = (cause: LikelyCause) => `${words("labels.title")}: ${words(`${cause}.name`)}`;
  return {
    key: `${line.channelId} ${index}`,
    name: line.channelName,
    url: causeUrlFor(baseUrl, line),
    reason: isFailure(line.type) ? line.reason : null,
    facts: [
      `${t(`types.${line.type}`)} · ${formatDateTime(line.detectedAt, timeZone)}`,
      line.type === "certificate_ends" ? line.detail : `${line.reason} · ${line.detail}`,
      ...(line.likelyCause === null ? [] : [causeOf(line.likelyCause)]),
      ...beyond(t, line, timeZone),
    ],
    count: t("digest.errors", { count: errorsTold(line) }),
  };
}

/** What a mail of its own would say beyond the reason, in few words. */
function beyond(
  t: ReturnType<typeof mailWords>,
  { news, reminder, taken = [] }: DigestLine,
  timeZone: string,
): string[] {
  const ceasedSince = news?.ceasedSince ?? null;
  const since = (at: Date) => ({ since: formatDateTime(at, timeZone) });
  return [
    ...(ceasedSince === null ? [] : [t("digest.ceased", since(ceasedSince))]),
    ...(reminder === null || reminder.heldCount === 0 ? [] : [heldText(t, reminder, timeZone)]),
    ...taken.map(({ by, detail, at }) =>
      t("digest.taken", { ...since(at), name: by ?? t("somebody"), problem: detail }),
    ),
  ];
}

/** How many of its errors came before its window. */
function heldText(
  t: ReturnType<typeof mailWords>,
  { since, heldCount: count }: Reminder,
  timeZone: string,
): string {
  if (since === null) return t("digest.heldBelow", { count });
  return t("digest.held", { since: formatDateTime(since, timeZone), count });
}
