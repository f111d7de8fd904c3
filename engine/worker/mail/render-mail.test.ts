import { describe, test } from "vitest";
import { likelyCauses } from "#lib/causes/schema.ts";
import { endpointSteps } from "#lib/endpoint-health/schema.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import type { NotificationContent } from "#lib/notifications/schema.ts";
import { errorDetails, errorReasons } from "#lib/transport/error-class.ts";
import { createRenderNotification } from "./render-mail.ts";

const renderFor = createRenderNotification("https://console.example.com", {
  limitMs: 72 * 3_600_000,
  suspends: false,
});

const unsubscribeUrl = "https://console.example.com/unsubscribe/token";
const render = (content: NotificationContent) => renderFor(content, unsubscribeUrl);

const content: NotificationContent = {
  type: "error_detected",
  step: null,
  reminder: null,
  news: null,
  channelId: "1657203944",
  channelName: "Orders bot",
  reason: "error_status_code",
  detail: "500",
  statusCode: 500,
  likelyCause: null,
  isCounted: true,
  errorCount: 64,
  detectedAt: new Date("2026-11-22T01:41:07Z"),
  closedAt: new Date("2026-11-22T01:46:07Z"),
  locale: "en",
  timeZone: "Asia/Tokyo",
};

const visible = (html: string) =>
  html
    .replace(/<style>[\s\S]*?<\/style>/g, "")
    .replace(/<[^>]+>/g, "\n")
    .replaceAll(/\s*\n\s*/g, "\n");

describe.for(["en", "ja"] as const)("a mail in %s", (locale) => {
  test("about a certificate says whose it is, when it ends and how long that is, and leads to it", async ({
    expect,
  }) => {
    const { html, text } = await render({
      ...{ ...content, locale, type: "certificate_ends", statusCode: null, errorCount: 0 },
      reason: "could_not_connect",
      detail: "Certificate of bot.example.com ends 2026-11-29T01:46:07Z",
    });
    for (const shown of [visible(html), text]) {
      expect(shown).toContain("bot.example.com");
      expect(shown).toContain("2026-11-29 10:46:07 UTC+9");
      expect(shown).toContain(locale === "en" ? "in 7 days" : "7日");
      expect(shown).not.toContain("Reason for error");
    }
    expect(html).toContain(
      "https://console.example.com/console/channel/1657203944/messaging-api#certificate",
    );
  });

  test("about a certificate counts in days, and in hours where only a few are left", async ({
    expect,
  }) => {
    for (const [endsAt, en, ja] of [
      // A step is taken a little after it is due.
      ["2026-12-06T01:45:07Z", "in 14 days", "14日"],
      ["2026-11-23T01:45:07Z", "in 1 day", "1日"],
      ["2026-11-24T01:46:07Z", "in 2 days", "2日"],
      ["2026-11-22T13:46:07Z", "in 12 hours", "12時間"],
    ] as const) {
      const { text } = await render({
        ...{ ...content, locale, type: "certificate_ends", statusCode: null, errorCount: 0 },
        detail: `Certificate of bot.example.com ends ${endsAt}`,
      });
      expect(text).toMatch(locale === "en" ? new RegExp(`${en}\\b`) : ja);
    }
  });

  test("has the platform's six items, in HTML and in text", async ({ expect }) => {
    const { html, text } = await render({ ...content, locale });
    const items = [
      ["Channel ID", "1657203944"],
      ["Channel name", "Orders bot"],
      ["Reason for error", "error_status_code"],
      ["Detail for error", "500"],
      ["Error count", "64"],
      ["Time detected", "2026-11-22 10:41:07 UTC+9"],
    ];
    expect(text).toContain(items.map(([label, value]) => `${label}: ${value}`).join("\n"));
    for (const [label, value] of items) {
      expect(visible(html)).toMatch(
        new RegExp(`\\n${label}\\n(●\\n)?${value?.replace("+", "\\+")}\\n`),
      );
    }
  });

  test("says who is on its problem, and since when", async ({ expect }) => {
    const on = { reason: "error_status_code", detail: "500" } as const;
    const at = new Date("2026-11-21T21:40:00Z");
    const named = await render({ ...content, locale, taken: [{ ...on, by: "Aiko", at }] });
    for (const shown of [visible(named.html), named.text]) {
      expect(shown).toContain(
        locale === "en"
          ? "Aiko has been on “500” since 2026-11-22 06:40:00 UTC+9."
          : "「500」には、Aikoが2026-11-22 06:40:00 UTC+9から対応しています。",
      );
    }
    const gone = await render({ ...content, locale, taken: [{ ...on, by: null, at }] });
    expect(gone.text).toContain(
      locale === "en" ? "Someone whose account was deleted" : "削除されたアカウントの人",
    );
    expect(gone.text).not.toMatch(/mails\./);
  });

  test("that was written early covers some seconds", async ({ expect }) => {
    const closedAt = new Date(content.detectedAt.getTime() + 20_412);
    const { text } = await render({ ...content, locale, closedAt });
    expect(text).toContain(locale === "en" ? "covers 20 seconds from" : "20秒");
  });

  test("links to the Errors view of its stretch of time and status code", async ({ expect }) => {
    const { html, text } = await render({ ...content, locale });
    const url =
      "https://console.example.com/console/channel/1657203944/statistics/errors?from=2026-11-22T01%3A41Z&to=2026-11-22T01%3A47Z&status=500";
    expect(text).toContain(url);
    expect(html).toContain(`href="${url.replaceAll("&", "&amp;")}"`);
  });

  test("says what happened, why and what to check, for every reason and detail and both types", async ({
    expect,
  }) => {
    for (const reason of errorReasons) {
      const details = reason === "error_status_code" ? ["302", "404", "599"] : errorDetails[reason];
      for (const detail of details) {
        for (const type of ["error_detected", "redelivery_stopped"] as const) {
          const { html, text } = await render({ ...content, locale, type, reason, detail });
          expect(text.split("\n\n").length).toBe(8);
          // A message that is missing is rendered as its key.
          expect(text).not.toMatch(/(explanations|mails)\./);
          expect(html).toContain(`class="mark-${reason}"`);
        }
      }
    }
  });
});

test.for(["en", "ja"] as const)(
  "a mail in %s tells the likely cause in the words of the console, with its page",
  async (locale, { expect }) => {
    for (const likelyCause of likelyCauses) {
      const { html, text } = await render({ ...content, locale, likelyCause });
      const words = messagesFor(locale).causes[likelyCause];
      expect(text.split("\n\n").length).toBe(9);
      expect(text).toContain(`: ${words.name}\n${words.cause}\n`);
      expect(text).toContain(
        `\n${words.action}\nhttps://console.example.com/console/help/causes#${likelyCause}\n`,
      );
      expect(text).not.toMatch(/Usual causes|よくある原因/);
      expect(html).toContain(
        `href="https://console.example.com/console/help/causes#${likelyCause}"`,
      );
    }
  },
);

test("the two types say different things", async ({ expect }) => {
  const detected = await render(content);
  const stopped = await render({ ...content, type: "redelivery_stopped" });
  expect(detected.text).toContain("Your bot server did not accept a webhook");
  expect(stopped.text).toContain("Webhook redelivery has stopped");
});

test("markup in a channel's name stays text", async ({ expect }) => {
  const channelName = `<img src=x onerror=alert(1)> "&' {name} <script>`;
  const { html, text } = await render({ ...content, channelName });
  expect(html).not.toContain("<img");
  expect(html).not.toContain("<script");
  expect(text).toContain(`Channel name: ${channelName}`);
});

test("a short window is said in seconds, and a zone that is unknown here falls back to UTC", async ({
  expect,
}) => {
  const closedAt = new Date(content.detectedAt.getTime() + 20_000);
  const { text } = await render({ ...content, closedAt, timeZone: "Moon/Crater" });
  expect(text).toContain("covers 20 seconds from");
  expect(text).toContain("Time detected: 2026-11-22 01:41:07 UTC\n");
});

describe("a mail about a bot server that keeps failing", () => {
  const failing: NotificationContent = {
    ...content,
    type: "endpoint_failing",
    step: "70",
    statusCode: null,
    closedAt: new Date(content.detectedAt.getTime() + 50.5 * 3_600_000),
  };
  const suspending = createRenderNotification("https://console.example.com", {
    limitMs: 72 * 3_600_000,
    suspends: true,
  });

  test("says since when, how long until the limit and what happens then", async ({ expect }) => {
    const goesOn = await render(failing);
    expect(goesOn.text).toContain(
      "Since 2026-11-22 10:41:07 UTC+9, no attempt to send a webhook of Orders bot to its bot server has succeeded. That is 70% of the limit of 72 hours, which is reached in 21 hours 30 minutes. Even then, sending continues",
    );
    const ends = await suspending(failing, unsubscribeUrl);
    expect(ends.text).toContain("If nothing is delivered by then, sending is suspended");
    expect(visible(ends.html)).toContain("reached in 21 hours 30 minutes. If nothing");
    expect((await render({ ...failing, step: "100" })).text).toContain(
      "The limit of 72 hours has been reached. Sending continues",
    );
    expect((await suspending({ ...failing, step: "suspended" }, unsubscribeUrl)).text).toMatch(
      /^Sending to your bot server is suspended\n\nSince .+ press “Resume sending” in the console\./,
    );
  });

  test("says the same in Japanese", async ({ expect }) => {
    const ja = { ...failing, locale: "ja" } as const;
    expect((await render(ja)).text).toContain(
      "「Orders bot」のボットサーバーへのWebhookの送信が、2026-11-22 10:41:07 UTC+9以降、一度も成功していません。上限（72時間）の70%に達しており、あと21時間30分で上限になります。",
    );
    for (const step of endpointSteps) {
      for (const one of [render, suspending]) {
        const { text } = await one({ ...ja, step }, unsubscribeUrl);
        expect(text).not.toMatch(/mails\.|Since|limit/);
        expect(text).toContain("Error count: 64");
      }
    }
  });

  test("links to the errors of the whole outage", async ({ expect }) => {
    expect((await render(failing)).text).toContain(
      "/statistics/errors?from=2026-11-22T01%3A41Z&to=2026-11-24T04%3A12Z\n",
    );
  });
});

describe("what makes a mail worth sending", () => {
  const reasons = {
    "request_timeout Request timeout": 60,
    "could_not_connect Connection failed": 4,
  };
  const ceasedSince = new Date("2026-11-22T01:40:00Z");
  const told = (as: "ceased" | "reason" | "rise" | "first", heldCount: number) =>
    render({
      ...content,
      news: { as, ceasedSince: as === "ceased" ? ceasedSince : null, reasons },
      reminder: { since: new Date("2026-11-22T00:40:00Z"), heldCount },
    });

  test("stands in it, with every reason of its errors and how many were held", async ({
    expect,
  }) => {
    const { html, text } = await told("ceased", 25);
    for (const sentence of [
      "Nothing is being delivered any more: every attempt since 2026-11-22 10:40:00 UTC+9 has failed.",
      "They include: 60 × request_timeout · Request timeout, 4 × could_not_connect · Connection failed.",
      "25 more errors of this kind have been counted without an email since the last one about such errors, which covered 2026-11-22 09:40:00 UTC+9.",
    ]) {
      expect(text).toContain(sentence);
      expect(visible(html)).toContain(sentence);
    }
    const below = await render({ ...content, reminder: { since: null, heldCount: 7 } });
    expect(below.text).toContain(
      "7 more errors of this kind have been counted before without an email, below the channel’s threshold.",
    );
    expect((await told("reason", 1)).text).toContain("have a different reason than");
    expect((await told("rise", 1)).text).toContain("at least ten times as many");
    expect((await told("first", 1)).text).not.toContain("Nothing is being delivered");
  });
});
