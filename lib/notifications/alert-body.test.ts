import { expect, test } from "vitest";
import { alertBody } from "./alert-body.ts";
import { alertKinds } from "./alert-kinds.ts";
import type { AlertContent } from "./alert-summary.ts";

const content: AlertContent = {
  ...{ id: "0197", type: "error_detected", key: "500", channelId: "1657203944" },
  ...{ channelName: "Orders bot", reason: "error_status_code", detail: "500", errorCount: 64 },
  detectedAt: new Date("2026-11-22T01:41:07Z"),
  closedAt: new Date("2026-11-22T01:46:07Z"),
  ...{ reminder: null, news: null, likelyCause: null, isCounted: true },
};
/** The body of each kind, as text. */
const bodies = (change: Partial<AlertContent>): string[] =>
  alertKinds.map((kind) =>
    alertBody(kind, { ...content, ...change }, "https://console.example.com"),
  );
const dataOf = (change: Partial<AlertContent>) =>
  JSON.parse(alertBody("webhook", { ...content, ...change }, "https://console.example.com")).data;
/** What people read: not the JSON for programs. */
const readable = (change: Partial<AlertContent>) => bodies(change).slice(1);

test("every kind says how much of the limit a failing bot server has used, and that sending is suspended", () => {
  for (const step of ["50", "70", "90", "100"]) {
    const change = { type: "endpoint_failing", key: step } as const;
    for (const body of readable(change)) expect(body).toContain(`${step} % of the limit`);
    expect(dataOf(change)).toMatchObject({ step });
  }
  const suspended = { type: "endpoint_failing", key: "suspended" } as const;
  for (const body of readable(suspended)) expect(body).toContain("Sending is suspended");
  expect(dataOf(suspended)).toMatchObject({ step: "suspended" });
  expect(dataOf({})).toMatchObject({ step: null });
});

test("a test speaks of no error, and leads to the alert targets", () => {
  for (const body of bodies({ type: "test", key: "test" })) {
    for (const word of ["error_status_code", "See these errors", "0 errors", "500"])
      expect(body).not.toContain(word);
    expect(body).toContain("https://console.example.com/console/channel/1657203944/notifications");
  }
  expect(dataOf({ type: "test", key: "test" })).toMatchObject({ reason: null, detail: null });
});

test("the end of a certificate is no failure to connect", () => {
  const detail = "Certificate of b.example ends 2026-12-24T00:00:00Z";
  const change = {
    type: "certificate_ends",
    key: "7",
    reason: "could_not_connect",
    detail,
  } as const;
  for (const body of bodies(change)) {
    expect(body).not.toContain("could_not_connect");
    expect(body).toContain("b.example");
  }
  expect(dataOf(change)).toMatchObject({ reason: null, detail });
});

/** The name of the channel as chats that take Slack's messages get it. */
function slackName(channelName: string): string {
  const [, body] = bodies({ channelName });
  const [line = ""] = (JSON.parse(body ?? "{}").text as string).split("\n");
  return line.replace("*Bot server returned no response or an error* - ", "");
}

test("a channel's name is no markup and mentions nobody in chats that take Slack's messages", () => {
  expect(slackName("<!here> & <https://x.example|x>")).toBe(
    "&lt;!here&gt; &amp; &lt;https://x.example|x&gt;",
  );
  for (const mark of ["*", "**", "_", "__", "~", "~~", "`", "```"]) {
    for (const name of [`${mark}x${mark}`, `Bot ${mark}x y${mark}, (${mark}z${mark})`]) {
      expect(slackName(name)).not.toContain(mark.at(0));
    }
  }
  expect(slackName("a*b*c")).not.toContain("*");
  for (const name of ["@all", "Bot @channel", "x@here", "＠@all"]) {
    expect(slackName(name)).not.toMatch(/@\w/);
  }
  expect(slackName("![x](https://x.example) [y][z]")).not.toMatch(/\][([]/);
});

test("an ordinary name looks the same there", () => {
  for (const name of [
    "my_order_bot",
    "注文_通知_bot",
    "5 * 3",
    "9~17",
    "Bot (test) [1]",
    "A & B",
  ]) {
    expect(slackName(name).replace("&amp;", "&")).toBe(name);
  }
  // To the eye; what keeps it from being a mention takes no room.
  expect(slackName("ops@example.com").replaceAll("\u200b", "")).toBe("ops@example.com");
});
