import { expect, test } from "vitest";
import type { ClaimedWebhook } from "#lib/queue/claim.ts";
import type { Delivered } from "#lib/recording/record-delivered.ts";
import { createRecorder, type RecorderOptions } from "./recorder.ts";

const webhook = (id: string): ClaimedWebhook => ({
  id,
  channelId: "1",
  lane: 0,
  attempt: 1,
  failures: 0,
  lease: "l",
  body: "{}",
  url: "https://bot.example.com",
  sealedSecrets: null,
  useWebhook: true,
  isDoubtful: false,
});
const outcome: Delivered["outcome"] = {
  state: "delivered",
  statusCode: 200,
  startedAt: new Date(0),
  times: { total: 1 },
  note: null,
  seen: { phase: "answer" as const },
  protocol: null,
  remoteAddress: null,
  retryAfterMs: null,
  response: { headers: [], body: Buffer.alloc(0) },
};

function recorderWith(overrides: Partial<RecorderOptions>) {
  const defects: [string, unknown][] = [];
  const recorder = createRecorder({
    judge: () => ({ doubt: null, kept: null }),
    recordDelivered: async () => undefined,
    recordErrors: async () => undefined,
    endUnsent: async () => undefined,
    onFailure: () => undefined,
    noteDefect: async (batch, error) => {
      defects.push(...batch.map((one): [string, unknown] => [one.id, error]));
    },
    isDatabaseAway: () => false,
    sleep: async () => undefined,
    ...overrides,
  });
  const recordAll = (ids: readonly string[]) =>
    Promise.all(ids.map((id) => recorder.record({ webhook: webhook(id), outcome })));
  return { recordAll, defects };
}

const many = Array.from({ length: 100 }, (_, index) => String(index));

test("an outcome that the database refuses does not take its neighbours with it, and its reason is noted", async () => {
  const written = new Set<string>();
  const refusal = new Error("value out of range");
  const { recordAll, defects } = recorderWith({
    recordDelivered: async (batch) => {
      if (batch.some((one) => one.webhook.id === "37")) throw refusal;
      for (const one of batch) written.add(one.webhook.id);
    },
  });
  await recordAll(many);
  expect(many.filter((id) => !written.has(id))).toEqual(["37"]);
  expect(defects).toEqual([["37", refusal]]);
});

test("while the database is away a batch stays whole and is written when it is back", async () => {
  let tries = 0;
  const sizes = new Set<number>();
  const { recordAll, defects } = recorderWith({
    isDatabaseAway: () => true,
    recordDelivered: async (batch) => {
      tries += 1;
      sizes.add(batch.length);
      if (tries < 40) throw new Error("Connection terminated unexpectedly");
    },
  });
  await recordAll(many);
  expect([tries, [...sizes]]).toEqual([40, [100]]);
  expect(defects).toEqual([]);
});

test("a database that stays away leaves the batch to its leases: recording never rejects", async () => {
  const { recordAll, defects } = recorderWith({
    isDatabaseAway: () => true,
    recordDelivered: () => Promise.reject(new Error("Connection terminated unexpectedly")),
    noteDefect: () => Promise.reject(new Error("away, too")),
  });
  await recordAll(["1", "2"]);
  expect(defects).toEqual([]);
});
