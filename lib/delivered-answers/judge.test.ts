import fc from "fast-check";
import { expect, test } from "vitest";
import { doubtedAnswersMax, habitAnswersMin } from "./habit.ts";
import { createAnswerJudge } from "./judge.ts";
import { keptHeaderCharactersMax, keptPerMinute, keptPerSecond } from "./schema.ts";

const url = "https://bot.example.com/webhook";
const page = {
  statusCode: 200,
  headers: [["Content-Type", "text/html"]] as [string, string][],
  body: Buffer.from("<!doctype html><title>Shop</title>"),
};
const empty = { statusCode: 200, headers: [], body: Buffer.alloc(0) };
const moved = {
  statusCode: 200,
  headers: [
    ["Server", "gateway/2"],
    ["Content-Type", "text/plain"],
  ] as [string, string][],
  body: Buffer.from("This service has moved. Ask your administrator for its new address, please."),
};

function judging() {
  let now = 5_000_000;
  const judge = createAnswerJudge(() => now);
  return {
    later: (ms: number) => {
      now += ms;
    },
    judge: (answer: Parameters<typeof judge>[1], channelId = "1", to = url) =>
      judge({ channelId, url: to }, answer),
    many: (count: number, answer: Parameters<typeof judge>[1], channelId = "1", to = url) =>
      Array.from({ length: count }, () => judge({ channelId, url: to }, answer)),
  };
}

const keptOf = (judged: { kept: unknown }[]) => judged.filter(({ kept }) => kept !== null).length;

test("of a channel's answers the first of each minute is kept, whatever it is", () => {
  const { many, later } = judging();
  expect(keptOf(many(100, empty))).toBe(1);
  expect(keptOf(many(100, empty, "2"))).toBe(1);
  later(59_999);
  expect(keptOf(many(100, empty))).toBe(0);
  later(1);
  expect(keptOf(many(100, empty))).toBe(1);
});

test("doubtful answers are all marked, and some more of them kept", () => {
  const { many, later } = judging();
  const all = many(100, page);
  expect(all.every(({ doubt }) => doubt === "web_page")).toBe(true);
  expect(keptOf(all)).toBe(keptPerMinute.any + keptPerMinute.doubtful);
  expect(all[0]?.kept).toEqual({ headers: page.headers, body: page.body });
  later(60_000);
  expect(keptOf(many(100, page))).toBe(keptPerMinute.any + keptPerMinute.doubtful);
});

test("however many channels there are, only so many answers are kept in a second", () => {
  const { many, later } = judging();
  const perChannel = (answer: typeof page | typeof empty, round: string) =>
    keptOf(Array.from({ length: 1_000 }, (_, at) => many(1, answer, `${round}${at}`)).flat());
  expect(perChannel(empty, "a")).toBe(keptPerSecond.any);
  later(1_000);
  expect(perChannel(page, "b")).toBe(keptPerSecond.any + keptPerSecond.doubtful);
});

test("what is kept of the fields is bounded, and begins with the first", () => {
  const { judge } = judging();
  const headers = Array.from({ length: 500 }, (_, at): [string, string] => [
    `x-field-${at}`,
    "v".repeat(at === 0 ? 16_000 : 40),
  ]);
  const { kept } = judge({ ...empty, headers });
  const characters = kept?.headers.flat().join("").length ?? 0;
  expect(characters).toBeLessThanOrEqual(keptHeaderCharactersMax);
  expect(characters).toBeGreaterThan(keptHeaderCharactersMax - 600);
  expect(kept?.headers[0]?.[1]).toMatch(/^v+…$/);
  const { kept: odd } = judge({ ...page, headers: [["x-odd", `v${"😀".repeat(400)}`]] });
  expect(odd?.headers[0]?.[1]).toMatch(/^v(?:😀)+…$/u);
});

test("answers of another server are doubted once a channel has answered alike often enough, until they are usual", () => {
  const { many, judge } = judging();
  many(habitAnswersMin - 1, empty);
  expect(judge(moved).doubt).toBeNull();
  many(habitAnswersMin, empty);
  const doubted = many(doubtedAnswersMax, moved).map(({ doubt }) => doubt);
  expect(new Set(doubted)).toEqual(new Set(["changed_shape"]));
  expect(judge(moved).doubt).toBeNull();
});

test("a channel that answers now so, now so has no habit that could change", () => {
  const { judge } = judging();
  for (let turn = 0; turn < 100; turn += 1) {
    judge(empty);
    judge({ ...empty, body: Buffer.from("OK") });
  }
  expect(judge(moved).doubt).toBeNull();
});

test("another URL is another bot server: nothing is known of its answers", () => {
  const { many, judge } = judging();
  many(habitAnswersMin, empty);
  expect(judge(moved).doubt).toBe("changed_shape");
  expect(judge(moved, "1", "https://new.example.com/").doubt).toBeNull();
});

test("pages never become a habit", () => {
  const { many, judge } = judging();
  many(doubtedAnswersMax + habitAnswersMin, page);
  expect(judge(page).doubt).toBe("web_page");
  expect(judge(moved).doubt).toBeNull();
});

test("whatever a bot server answers, it is judged", () => {
  const { judge } = judging();
  const names = ["age", "x-cache", "content-type", "content-encoding", "server", "cache-status"];
  const field = fc.tuple(fc.constantFrom(...names), fc.string({ unit: "binary", maxLength: 40 }));
  const starts = ["", "<", "<!--", "\u001f\u008b", "\ufeff<?xml", "<!doctype html"];
  const body = fc
    .tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }))
    .map(([start, bytes]) => Buffer.concat([Buffer.from(start, "latin1"), bytes]));
  fc.assert(
    fc.property(fc.array(field, { maxLength: 6 }), body, (headers, bytes) => {
      expect(judge({ statusCode: 200, headers, body: bytes })).toHaveProperty("doubt");
    }),
    { numRuns: 2_000 },
  );
});
