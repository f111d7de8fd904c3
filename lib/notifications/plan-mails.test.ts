import { describe, expect, test } from "vitest";
import { testPolicy as policy } from "#testing/closing-options.ts";
import { planMails, type RecipientStanding, type WaitingNotice } from "./plan-mails.ts";

const now = new Date("2026-11-22T02:00:00Z");
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

const notices = (count: number, overrides: Partial<WaitingNotice> = {}): WaitingNotice[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `notice-${index}`,
    channelId: `channel-${index}`,
    type: "error_detected",
    createdAt: now,
    isUrgent: false,
    ...overrides,
  }));

const plan = (standing: Partial<RecipientStanding>, earlyMs = 0) =>
  planMails(
    {
      now,
      notices: [],
      ...{ unsettledChannels: 0, ceasingChannels: 0 },
      mailsInHour: 0,
      ...{ mailsInDay: new Map(), urgentToldAt: new Map() },
      lastDigestAt: null,
      ...standing,
    },
    { ...policy, earlyMs },
  );

test("a few channels become a mail each, at once", () => {
  expect(plan({ notices: notices(5) })).toMatchObject({ single: { length: 5 }, digest: [] });
});

describe("many channels at once", () => {
  test("wait for the others' windows, one window's length at most", () => {
    const waiting = { notices: notices(2), unsettledChannels: 998 };
    expect(plan(waiting)).toEqual({ single: [], digest: [] });
    const waited = { notices: notices(700, { createdAt: minutesAgo(5) }), unsettledChannels: 300 };
    expect(plan(waited)).toMatchObject({ single: [], digest: { length: 700 } });
  });
  test("become one digest when all have settled", () => {
    expect(plan({ notices: notices(1_000) })).toMatchObject({
      single: [],
      digest: { length: 1_000 },
    });
  });
  test("that turn out to be few are told singly", () => {
    const few = { notices: notices(3, { createdAt: minutesAgo(5) }), unsettledChannels: 300 };
    expect(plan(few)).toMatchObject({ single: { length: 3 }, digest: [] });
  });
  test("wait for the pause after a digest", () => {
    expect(plan({ notices: notices(6), lastDigestAt: minutesAgo(59) }).digest).toEqual([]);
    expect(plan({ notices: notices(6), lastDigestAt: minutesAgo(60) }).digest).toHaveLength(6);
  });
});

describe("what quiet hours held", () => {
  const held = (count: number) => notices(count, { wasHeld: true, createdAt: minutesAgo(300) });
  test("becomes one digest with all that waits, whatever was written before", () => {
    const waiting = [...held(2), ...notices(1, { id: "fresh", channelId: "fresh" })];
    const written = { mailsInHour: 20, lastDigestAt: minutesAgo(1), unsettledChannels: 900 };
    expect(plan({ notices: waiting, ...written })).toEqual({
      ...{ single: [], digest: ["notice-0", "notice-1", "fresh"] },
    });
  });
  test("becomes a mail of its own when it is one thing", () => {
    expect(plan({ notices: held(1) })).toEqual({ single: ["notice-0"], digest: [] });
  });
  test("leaves a test mail alone", () => {
    const test = notices(1, { id: "test", type: "test" });
    expect(plan({ notices: [...held(2), ...test] })).toMatchObject({ single: ["test"] });
  });
});

describe("above a cap", () => {
  const sameChannel = (createdAt: Date) =>
    notices(4, { createdAt }).map((notice) => ({ ...notice, channelId: "one" }));
  test("of a channel, notices gather and become one digest", () => {
    const mailsInDay = new Map([["one", 4]]);
    const fresh = plan({ notices: sameChannel(now), mailsInDay });
    expect(fresh).toMatchObject({ single: ["notice-0", "notice-1"], digest: [] });
    const gathered = plan({
      notices: sameChannel(minutesAgo(5)),
      mailsInDay: new Map([["one", 6]]),
    });
    expect(gathered).toMatchObject({ single: [], digest: { length: 4 } });
  });
  test("of a recipient, too", () => {
    const full = { mailsInHour: 20, notices: notices(3, { createdAt: minutesAgo(5) }) };
    expect(plan(full)).toMatchObject({ single: [], digest: { length: 3 } });
    expect(plan({ ...full, lastDigestAt: minutesAgo(30) })).toEqual({ single: [], digest: [] });
  });
});

test("a test mail waits for nothing", () => {
  const [mail] = notices(1, { type: "test" });
  if (mail === undefined) throw new Error("no notice");
  expect(plan({ notices: [mail], mailsInHour: 500, unsettledChannels: 1_000 }).single).toEqual([
    "notice-0",
  ]);
});

describe("that nothing is delivered any more", () => {
  const urgent = (count: number, overrides: Partial<WaitingNotice> = {}) =>
    notices(count, { isUrgent: true, ...overrides });
  const other = (count: number) =>
    notices(count).map((notice) => ({ ...notice, id: `other ${notice.id}` }));

  test("is told at once above the channel's cap, but not more often than digests are", () => {
    const mailsInDay = new Map([["channel-0", 6]]);
    expect(plan({ notices: urgent(1), mailsInDay }).single).toEqual(["notice-0"]);
    const again = { notices: urgent(1), mailsInDay, lastDigestAt: minutesAgo(30) };
    const urgentToldAt = new Map([["channel-0", minutesAgo(59)]]);
    expect(plan({ ...again, urgentToldAt })).toEqual({ single: [], digest: [] });
    urgentToldAt.set("channel-0", minutesAgo(60));
    expect(plan({ ...again, urgentToldAt }).single).toEqual(["notice-0"]);
  });
  test("becomes one mail, of the newest, when several of one channel wait above its cap", () => {
    const one = urgent(3, { channelId: "channel-0" });
    expect(plan({ notices: one, mailsInDay: new Map([["channel-0", 6]]) }).single).toEqual([
      "notice-2",
    ]);
    expect(plan({ notices: one, mailsInDay: new Map([["channel-0", 5]]) }).single).toEqual([
      "notice-0",
      "notice-2",
    ]);
  });
  test("is told before others when an address has room for one mail", () => {
    const both = [...other(3), ...urgent(1)];
    expect(plan({ notices: both, mailsInHour: 19 })).toEqual({ single: ["notice-0"], digest: [] });
  });
  test("goes into a digest with all that waits above the recipient's cap, whatever the digest's pause", () => {
    const full = { notices: [...other(2), ...urgent(1)], mailsInHour: 20 };
    expect(plan({ ...full, lastDigestAt: minutesAgo(4) })).toEqual({ single: [], digest: [] });
    const { single, digest } = plan({ ...full, lastDigestAt: minutesAgo(5) });
    expect(single).toEqual([]);
    expect(digest).toEqual(["other notice-0", "other notice-1", "notice-0"]);
  });
  test("of many channels is waited for and told in one digest, whatever the digest's pause", () => {
    const storm = { ceasingChannels: 40, unsettledChannels: 40, lastDigestAt: minutesAgo(10) };
    expect(plan({ ...storm, notices: urgent(2) })).toEqual({ single: [], digest: [] });
    const waited = urgent(30, { createdAt: minutesAgo(5) });
    expect(plan({ ...storm, notices: waited }).digest).toHaveLength(30);
  });
  test("does not wait for channels that always fail", () => {
    const noisy = { unsettledChannels: 50, notices: urgent(1), lastDigestAt: minutesAgo(10) };
    expect(plan(noisy).single).toEqual(["notice-0"]);
  });
});

describe("where windows are closed early, channels that cease to be delivered to", () => {
  const secondsAgo = (seconds: number) => new Date(now.getTime() - seconds * 1_000);
  const ceasing = (seconds: number, standing: Partial<RecipientStanding> = {}) =>
    plan(
      {
        notices: notices(2, { isUrgent: true, createdAt: secondsAgo(seconds) }),
        ...{ ceasingChannels: 40, unsettledChannels: 40, ...standing },
      },
      20_000,
    );
  test("wait a few seconds for the others, and are told together with them or without", () => {
    expect(ceasing(3)).toEqual({ single: [], digest: [] });
    expect(ceasing(4)).toMatchObject({ single: [], digest: { length: 2 } });
    expect(ceasing(4, { ceasingChannels: 0 })).toMatchObject({ single: { length: 2 } });
  });
  test("wait for a window after a digest, so that they are not a mail each", () => {
    expect(ceasing(60, { lastDigestAt: minutesAgo(4) })).toEqual({ single: [], digest: [] });
    expect(ceasing(60, { lastDigestAt: minutesAgo(5) })).toMatchObject({ digest: { length: 2 } });
  });
});
