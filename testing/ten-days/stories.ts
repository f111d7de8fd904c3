import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import type { ErrorClass } from "#lib/transport/error-class.ts";
import { testActor } from "#testing/factories.ts";
import type { Deed, Failure, Stretch } from "#testing/simulated-time.ts";

/** A day (or some) of one bot, or of many with the same traffic. */
export type Story = {
  title: string;
  text: string;
  hours: number;
  /** 1 unless told otherwise. The last `quietCount` of them have the traffic of `quiet` instead. */
  channelCount?: number;
  quietCount?: number;
  traffic: readonly Stretch[];
  quiet?: readonly Stretch[];
  deeds?: (db: Database["db"], start: Date) => Deed[];
  /** When deliveries cease, each to be told within two windows; `windows`: within so many. */
  ceases: readonly string[];
  windows?: number;
};

const failure = (error: ErrorClass): Failure => ({ error });
const dropped = failure({
  ...{ reason: "unclassified", detail: "Session closed unexpectedly", statusCode: null },
});
const refused = failure({
  ...{ reason: "could_not_connect", detail: "Connection failed", statusCode: null },
});
const noAddress = failure({
  ...{ reason: "could_not_connect", detail: "DNS Query timeout", statusCode: null },
});
const noHandshake = failure({
  ...{ reason: "could_not_connect", detail: "TLS handshake failure", statusCode: null },
});
const late = failure({ reason: "request_timeout", detail: "Request timeout", statusCode: null });
const answered500 = failure({ reason: "error_status_code", detail: "500", statusCode: 500 });
const answered503 = failure({ reason: "error_status_code", detail: "503", statusCode: 503 });

const every = (
  everySeconds: number,
  as: Stretch["as"],
  from: string,
  to: string,
  count = 1,
): Stretch => ({ from, to, everySeconds, count, as });

const minute = 60;
const hour = 3_600;

const clock = (seconds: number): string =>
  [Math.floor(seconds / hour), Math.floor(seconds / minute) % 60, seconds % 60].join(":");

/** `times` times down and then up, from `fromHour` on. */
function flapping(
  fromHour: number,
  times: number,
  downSeconds: number,
  upSeconds: number,
): Stretch[] {
  return Array.from({ length: times }, (_, index) => {
    const down = fromHour * hour + index * (downSeconds + upSeconds);
    const up = down + downSeconds;
    return [
      every(10, refused, clock(down), clock(up)),
      every(10, "delivered", clock(up), clock(up + upSeconds)),
    ];
  }).flat();
}

/** One webhook with every step of its redelivery; the last ends it. */
const redelivered = (day: number): Stretch[] =>
  ["09:00:00", "09:00:05", "09:00:35", "09:02:35", "09:07:35", "09:17:35", "09:29:35"].map(
    (time, index, all) => {
      const [hours = "", ...rest] = time.split(":");
      const from = [Number(hours) + day * 24, ...rest].join(":");
      const as = index === all.length - 1 ? { ...refused, isLast: true } : refused;
      return { from, to: `${from.slice(0, -2)}59`, everySeconds: hour, count: 1, as };
    },
  );

const nightly = (day: number): Stretch[] => {
  const at = (time: string): string => `${day * 24 + 2}:${time}`;
  return [
    every(minute, "delivered", at("00"), at("10"), 14),
    every(minute, answered503, at("00:30"), at("10"), 6),
    every(minute, answered503, at("10:30"), at("30"), 2),
    every(minute, { ...answered503, isLast: true }, at("30:30"), at("40")),
    every(minute, "delivered", at("30"), at("40")),
  ];
};

const grant =
  (db: Database["db"], at: Date, isApproved: boolean) => (channelIds: readonly string[]) =>
    db.notificationGrant.updateMany({
      where: { channelId: { in: [...channelIds] } },
      data: isApproved
        ? { state: "approved", decidedAt: at, holdsChannel: channelIds[0] ?? null }
        : { state: "withdrawn", decidedAt: at, holdsChannel: null },
    });

export const stories: readonly Story[] = [
  {
    title: "A drip, then dead",
    text: "One request an hour is dropped among six a minute that are delivered. At 10:08 the bot server refuses every connection, until 13:00.",
    hours: 15,
    traffic: [
      every(minute, "delivered", "00:00", "10:08", 6),
      every(hour, dropped, "00:30", "10:08"),
      every(minute, refused, "10:08", "13:00", 2),
      every(minute, "delivered", "13:00", "15:00", 6),
    ],
    ceases: ["10:08"],
  },
  {
    title: "Some 500s, then nothing but 500s",
    text: "One request in sixty is answered with 500. From 08:02 all are, until 09:30: the same status code, hardly more errors.",
    hours: 11,
    traffic: [
      every(minute, "delivered", "00:00", "08:02", 6),
      every(10 * minute, answered500, "00:00:05", "08:02"),
      every(2 * minute, answered500, "08:02", "09:30"),
      every(minute, "delivered", "09:30", "11:00", 6),
    ],
    ceases: ["08:02"],
  },
  {
    title: "Two causes at once, and a third",
    text: "From 09:00 one backend times out and another refuses, while the rest is delivered; from 10:00 a third fails in its TLS handshake. All of it ends at 11:00.",
    hours: 12,
    traffic: [
      every(minute, "delivered", "08:00", "12:00", 12),
      every(minute, late, "09:00:05", "11:00", 3),
      every(minute, refused, "09:00:15", "11:00", 2),
      every(minute, noHandshake, "10:00:25", "11:00"),
    ],
    ceases: [],
  },
  {
    title: "A slow rise",
    text: "500 once an hour, from 06:00 every ten minutes, from 09:00 every minute, from 11:00 ten times a minute for an hour; twenty a minute are delivered all the time.",
    hours: 13,
    traffic: [
      every(minute, "delivered", "00:00", "13:00", 20),
      every(hour, answered500, "00:00:05", "06:00"),
      every(10 * minute, answered500, "06:00:05", "09:00"),
      every(minute, answered500, "09:00:05", "11:00"),
      every(minute, answered500, "11:00:05", "12:01", 10),
    ],
    ceases: [],
  },
  {
    title: "Flapping",
    text: "At 09:00 twelve outages within eight minutes; from 14:00 for two hours three minutes down and two up; from 18:00 for an hour and a half six minutes down and six up.",
    hours: 22,
    traffic: [
      ...flapping(9, 12, 20, 20),
      every(minute, "delivered", "09:08", "14:00"),
      ...flapping(14, 24, 180, 120),
      every(minute, "delivered", "16:00", "18:00"),
      ...flapping(18, 8, 360, 360),
      every(minute, "delivered", "19:36", "22:00"),
    ],
    ceases: ["18:00"],
  },
  {
    title: "A quiet bot",
    text: "One webhook a day, at 09:00, with redelivery: on the first day it is stopped, on the second delivered, on the third stopped again.",
    hours: 59,
    traffic: [...redelivered(0), every(minute, "delivered", "33:00", "33:01"), ...redelivered(2)],
    ceases: ["09:00", "57:00"],
  },
  {
    title: "A nightly batch",
    text: "Two hundred webhooks from 02:00 to 02:10, of which 60 are answered with 503; some redeliveries fail, too, and ten are stopped. The next night the same. By day one webhook an hour is delivered.",
    hours: 28,
    traffic: [...nightly(0), every(hour, "delivered", "03:00", "26:00"), ...nightly(1)],
    ceases: [],
  },
  {
    title: "Recovering and dying again",
    text: "Dead from 09:00 to 10:00, up for three minutes, dead until 10:30, up with one error at 11:15, dead from 12:00 to 12:40.",
    hours: 14,
    traffic: [
      every(minute, "delivered", "08:00", "09:00", 6),
      every(minute, refused, "09:00", "10:00", 4),
      every(minute, "delivered", "10:00", "10:03", 6),
      every(minute, refused, "10:03", "10:30", 4),
      every(minute, "delivered", "10:30", "12:00", 6),
      every(hour, refused, "11:15:05", "11:16"),
      every(minute, refused, "12:00", "12:40", 4),
      every(minute, "delivered", "12:40", "14:00", 6),
    ],
    ceases: ["09:00", "12:00"],
  },
  {
    title: "Switched off in the middle",
    text: "500 twice a minute and nothing else, from 09:00 to 16:00. Error statistics aggregation is turned off at 10:00: emails are not affected. The function is withdrawn at 12:00 and approved again at 14:00.",
    hours: 18,
    traffic: [
      every(minute, answered500, "09:00", "16:00", 2),
      every(minute, "delivered", "16:00", "18:00"),
    ],
    deeds: (db, start) => {
      const at = (hours: number): Date => new Date(start.getTime() + hours * hour * 1_000);
      const turnOff = (ids: readonly string[]) =>
        turnSwitch(db, testActor, ids[0] ?? "", "errorStatisticsAggregation", false);
      return [
        { at: "10:00", act: turnOff },
        { at: "12:00", act: grant(db, at(12), false) },
        { at: "14:00", act: grant(db, at(14), true) },
      ];
    },
    ceases: ["09:00"],
  },
  {
    title: "Many channels at once",
    text: "An Admin of 40 channels. Eight of them answer some requests with 500 from 10:00 on, which makes a digest. At 10:20 name resolution fails for all, until 11:20.",
    hours: 13,
    channelCount: 40,
    quietCount: 32,
    traffic: [
      every(minute, "delivered", "09:30", "10:20", 2),
      every(minute, answered500, "10:00:05", "10:20"),
      every(minute, noAddress, "10:20", "11:20", 2),
      every(minute, "delivered", "11:20", "13:00", 2),
    ],
    quiet: [
      every(minute, "delivered", "09:30", "10:20", 2),
      every(minute, noAddress, "10:20", "11:20", 2),
      every(minute, "delivered", "11:20", "13:00", 2),
    ],
    ceases: ["10:20"],
    windows: 3,
  },
];
