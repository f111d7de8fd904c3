// npm run bench:intake [-- --rounds 15]
// Processor time that intake and a redelivery spend on a webhook's text, compared with JSON.parse and JSON.stringify, which would
// change values on the way. The two take turns.
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { machine, median, printTable, round } from "#bench/support/figures.ts";
import { sampleEvents } from "#bench/support/world.ts";
import { decodeBody } from "#engine/api/decode-body.ts";
import { layOut } from "#lib/json-text/lay-out.ts";
import { composeBody, markRedelivery } from "#lib/queue/events.ts";
import { hashEvents } from "#lib/queue/events-hash.ts";
import { parseEvents, readIntakeBody } from "#lib/queue/intake-body.ts";
import { intakeBodyBytesMax } from "#lib/queue/schema.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "15" } } });
const now = new Date();
const botUserId = `U${"0".repeat(32)}`;

type Event = { deliveryContext?: { isRedelivery: boolean } };
const parsed = (text: string): { events: Event[] } => JSON.parse(text);

const sides = {
  intake: {
    tokens: (text: string) => {
      const events = parseEvents(readIntakeBody(text, ["events"]).events);
      return [composeBody(botUserId, events, now), hashEvents(events)];
    },
    parsed: (text: string) => {
      const { events } = parsed(text);
      const complete = events.map((event) => ({
        ...event,
        deliveryContext: { isRedelivery: false },
        timestamp: now.getTime(),
        mode: "active",
      }));
      const body = JSON.stringify({ destination: botUserId, events: complete });
      return [body, createHash("sha256").update(JSON.stringify(events)).digest()];
    },
  },
  mark: {
    tokens: markRedelivery,
    parsed: (text: string) => {
      const webhook = parsed(text);
      for (const event of webhook.events) event.deliveryContext = { isRedelivery: true };
      return JSON.stringify(webhook);
    },
  },
  layOut: {
    tokens: (text: string) => layOut(text, 1_048_576),
    parsed: (text: string) => JSON.stringify(JSON.parse(text), null, 2),
  },
};

/** With ids, as the platform sends them: making one costs both sides the same and more than all else. */
const eventsOf = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({
    ...sampleEvents(index)[0],
    webhookEventId: "01JD8P7QZ0ABCDEFGHJKMNPQRS",
  }));
const bodies = {
  "1 event": JSON.stringify({ events: eventsOf(1) }),
  "100 events": JSON.stringify({ events: eventsOf(100) }),
  "1 text of 250 KB, all quotes": JSON.stringify({
    events: [{ ...eventsOf(1)[0], text: '"'.repeat(124_000) }],
  }),
};

console.log(machine());
const rows = Object.entries(bodies).flatMap(([size, text]) => {
  const stored = sides.intake.tokens(text)[0]?.toString() ?? "";
  return Object.entries(sides).map(([name, { tokens, parsed }]) => {
    const given = name === "intake" ? text : stored;
    const [ours, theirs] = compare([() => tokens(given), () => parsed(given)]);
    return { size, name, ours, theirs, ratio: round(ours / theirs) };
  });
});
printTable(
  ["body", "what", "as text, µs", "parsed and rewritten, µs", "ratio"],
  rows.map(({ size, name, ours, theirs, ratio }) => [
    size,
    name,
    round(ours, 1),
    round(theirs, 1),
    ratio,
  ]),
);
const gzip = gzipSync(bodies["1 event"]);
const decodeUs = await timeAwaited(() => decodeBody(gzip, "gzip", intakeBodyBytesMax));
console.log(`gzip of 1 event: ${round(decodeUs, 0)} µs each, one at a time`);
const ratioOf = (asked: string) => rows.find(({ name }) => name === asked)?.ratio;
console.log(JSON.stringify({ intake: ratioOf("intake"), mark: ratioOf("mark") }));

/** Microseconds each, medians of the rounds. */
function compare(runs: readonly [() => unknown, () => unknown]): [number, number] {
  const times: [number[], number[]] = [[], []];
  for (let round = -8; round < Number(values.rounds); round += 1) {
    for (const side of [0, 1] as const) {
      const time = timeOnce(runs[side]);
      if (round >= 0) times[side].push(time);
    }
  }
  return [median(times[0]), median(times[1])];
}

/** Of processor time, as often as fits into 30 ms: others on the machine make it noisy, not wrong. */
function timeOnce(run: () => unknown): number {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  let count = 0;
  for (; performance.now() < startedAt + 30; count += 1) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

async function timeAwaited(run: () => Promise<unknown>): Promise<number> {
  const count = 3_000;
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) await run();
  return ((performance.now() - startedAt) / count) * 1_000;
}
