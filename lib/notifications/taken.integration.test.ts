import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { takeProblem } from "#lib/problems/commands.ts";
import { countErrors } from "#lib/webhook-errors/count-errors.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { closingOptions, testPolicy } from "#testing/closing-options.ts";
import { actorOf, createChannel, createMember, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const refused = { reason: "could_not_connect", detail: "Connection failed" } as const;
const timeout = { reason: "request_timeout", detail: "Request timeout" } as const;
const start = Date.now() - 3_600_000;
const after = (seconds: number) => new Date(start + seconds * 1_000);

/** Counted as the record step does it, into the statistics and the windows. */
function fail(channelId: string, seconds: number, of: typeof refused | typeof timeout) {
  const failure = { ...of, channelId, statusCode: null, occurredAt: after(seconds) };
  return inTransaction(database.pool, async (client) => {
    await countErrors(client, [
      {
        ...{ ...failure, webhookId: newWebhookId(failure.occurredAt), attempt: 1 },
        ...{ isFirst: true, likelyCause: null },
      },
    ]);
    await countIntoWindows(
      client,
      [{ ...failure, type: "error_detected", errorCount: 1 }],
      testPolicy.windowMs,
    );
  });
}

const close = (seconds: number, digestAbove?: number) =>
  closeDueWindows(
    database.pool,
    closingOptions(
      { reminderPausesMs: [0], ...(digestAbove === undefined ? {} : { digestAbove }) },
      { now: after(seconds) },
    ),
  );

test("whoever is on a problem is named in the mails, digests and alerts about it, and in no others", async () => {
  const { id: channelId } = await createChannel(database.db, {
    ...{ emailVerifiedAt: null, errorStatisticsAggregation: true },
  });
  const aiko = await createUser(database.db, { name: "Aiko" });
  await createMember(database.db, channelId, { userId: aiko.id });
  await database.db.alertTarget.create({
    data: {
      ...{ channelId, kind: "webhook", name: "Pager", sealedUrl: "x", host: "x" },
      sealedSecret: "x",
    },
  });
  await fail(channelId, 0, refused);
  await close(320);
  await takeProblem(database.db, actorOf(aiko), { channelId, ...refused });
  const mark = await database.db.problemMark.findFirstOrThrow({ where: { channelId } });
  const taken = [{ ...refused, by: "Aiko", at: mark.takenAt?.toISOString() }];
  await fail(channelId, 400, refused);
  await close(720);
  await fail(channelId, 800, timeout);
  await close(1_120);
  await fail(channelId, 1_200, timeout);
  await fail(channelId, 1_210, refused);
  await close(1_520, 0);
  const mails = await database.db.mail.findMany({
    where: { channelId },
    orderBy: { createdAt: "asc" },
  });
  const said = mails.map(({ text }) => {
    const content = JSON.parse(text ?? "");
    return (content.lines ?? [content]).map((line: { taken: unknown }) => line.taken);
  });
  expect(said).toEqual([[[]], [taken], [[]], [taken]]);
  const alerts = await database.db.alert.findMany({
    where: { channelId },
    orderBy: { createdAt: "asc" },
  });
  expect(alerts.map(({ body }) => JSON.parse(body).data.taken)).toEqual([[], taken, [], taken]);
});
