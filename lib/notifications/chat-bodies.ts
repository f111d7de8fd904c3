import type { AlertSummary } from "./alert-summary.ts";
import type { NotificationType } from "./schema.ts";

/** The `text` that Slack's incoming webhooks take. */
export function slackBody({ title, channelName, facts, cause, link }: AlertSummary) {
  const linked = ({ text, url }: { text: string; url: string }) => `<${url}|${slackText(text)}>`;
  return {
    text: [
      `*${title}* - ${slackName(channelName)}`,
      ...facts.map(slackText),
      ...(cause === null
        ? []
        : [`${cause.title}: ${linked(cause.link)} ${slackText(cause.action)}`]),
      linked(link),
    ].join("\n"),
  };
}

/** Slack reads these three as markup. */
const slackText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const lookAlikes: Readonly<Record<string, string>> = { "*": "∗", _: "＿", "~": "∼", "`": "ˋ" };

/**
 * What people wrote, as text that neither Slack nor what reads Markdown instead (Mattermost, Rocket.Chat) marks up or takes
 * for a mention. No escape is known to all of them, a backslash would be seen in Slack: marks that may come in pairs become
 * characters that look like them, and what takes no room keeps `@` and links apart. A name such as `my_order_bot` stays.
 */
const slackName = (name: string): string =>
  slackText(name)
    .replace(/(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}_])|[*~`]/gu, (marks) => {
      const isAlone = name.split(marks.charAt(0)).length === 2;
      return isAlone ? marks : Array.from(marks, (mark) => lookAlikes[mark] ?? mark).join("");
    })
    .replaceAll("@", "@\u200b")
    .replace(/\](?=[([])/g, "]\u200b");

/**
 * The message that a Teams workflow takes: an Adaptive Card. In text runs nothing is markup, unlike in text blocks, so that a
 * channel's name is only a name.
 */
export function teamsBody({ title, channelName, facts, cause, link }: AlertSummary) {
  const line = (text: string, style: { weight?: "Bolder"; size?: "Medium" } = {}) => ({
    type: "RichTextBlock",
    inlines: [{ type: "TextRun", text, ...style }],
  });
  const opening = ({ text, url }: { text: string; url: string }) => ({
    type: "Action.OpenUrl",
    title: text,
    url,
  });
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [
            line(title, { weight: "Bolder", size: "Medium" }),
            line(channelName, { weight: "Bolder" }),
            ...facts.map((fact) => line(fact)),
            ...(cause === null
              ? []
              : [line(`${cause.title}: ${cause.link.text}. ${cause.action}`)]),
          ],
          actions: [link, ...(cause === null ? [] : [cause.link])].map(opening),
        },
      },
    ],
  };
}

const discordMax = { title: 256, description: 4_096 } as const;
const discordColours = { bad: 0xd6_33_30, warn: 0xd9_7b_06, good: 0x1a_8f_4c } as const;

/** One embed that mentions nobody, whatever a channel is called. */
export function discordBody(
  { title, channelName, facts, cause, link }: AlertSummary,
  { type, timestamp }: { type: NotificationType; timestamp: Date },
) {
  const lines = [
    ...facts.map(discordText),
    ...(cause === null
      ? []
      : [
          `${cause.title}: [${discordText(cause.link.text)}](${cause.link.url}) ${discordText(cause.action)}`,
        ]),
    `[${link.text}](${link.url})`,
  ];
  const colour =
    type === "recovered" || type === "test" ? "good" : type === "certificate_ends" ? "warn" : "bad";
  return {
    embeds: [
      {
        title: cut(`${title} - ${discordText(channelName)}`, discordMax.title),
        ...(hasDiscordHost(link.url) ? { url: link.url } : {}),
        description: cut(lines.join("\n"), discordMax.description),
        color: discordColours[colour],
        timestamp: timestamp.toISOString(),
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/**
 * Whether an embed may lead there: for a host without a dot, such as `localhost`, Discord refuses the whole message with 400
 * (https://github.com/rogerrum/alertmanager-discord/issues/19). What it says of IP addresses is not known, so these are left
 * out, too; the link in the description is only text to it.
 */
const hasDiscordHost = (url: string): boolean => /\.[a-z][a-z\d-]*$/.test(new URL(url).hostname);

/** Discord reads these as Markdown, mentions and links. */
const discordText = (text: string): string => text.replace(/[\\*_~`|<>[\]()#@-]/g, "\\$&");

const lineTextMax = 5_000;

/** One text message, which LINE counts in UTF-16 units; `to` is added when it is sent. */
export function lineBody({ title, channelName, facts, cause, link }: AlertSummary) {
  const lines = [
    title,
    channelName,
    ...facts,
    ...(cause === null ? [] : [`${cause.title}: ${cause.link.text}. ${cause.action}`]),
    link.url,
  ];
  return { messages: [{ type: "text", text: cut(lines.join("\n"), lineTextMax) }] };
}

/** At most so many UTF-16 units, no half characters. */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "")}…`;
