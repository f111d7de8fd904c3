import { afterAll, beforeAll, expect, test } from "vitest";
import { AppError } from "#lib/app-error.ts";
import type { Database } from "#lib/db.ts";
import { actorOf, createChannel, createProvider, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { reasonOf, recordRefusal, refusalLimit } from "./record-refusal.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const person = async () => actorOf(await createUser(database.db));
const entriesOf = (actorId: string) =>
  database.db.auditEntry.findMany({
    where: { actorId },
    select: { action: true, result: true, channelId: true, providerId: true, after: true },
    orderBy: { id: "asc" },
  });

test("a refused try stands in the log of the channel or provider that there is", async () => {
  const { db } = database;
  const actor = await person();
  const [channel, provider] = [await createChannel(db), await createProvider(db)];
  const refusal = { actor, action: "secret_revealed", reason: "no_right" } as const;
  await recordRefusal(db, { ...refusal, asked: { channelId: channel.id } });
  await recordRefusal(db, { ...refusal, asked: { providerId: provider.id } });
  const entry = { action: "secret_revealed", result: "refused", after: { reason: "no_right" } };
  expect(await entriesOf(actor.id)).toEqual([
    { ...entry, channelId: channel.id, providerId: null },
    { ...entry, channelId: null, providerId: provider.id },
  ]);
});

test("a try at nothing is told to operators alone, and what is no id is not kept", async () => {
  const { db } = database;
  const actor = await person();
  const refusal = { actor, action: "channel_deleted", reason: "no_right" } as const;
  for (const channelId of ["1000000000", "nul \0", "<script>", "x".repeat(65)]) {
    await recordRefusal(db, { ...refusal, asked: { channelId } });
  }
  const entries = await entriesOf(actor.id);
  expect(entries.map(({ channelId, after }) => [channelId, after])).toEqual([
    [null, { reason: "no_right", unknownId: "1000000000" }],
    [null, { reason: "no_right" }],
    [null, { reason: "no_right" }],
    [null, { reason: "no_right" }],
  ]);
});

test("who hammers fills no more than so many lines an hour, the last of which says so; others are not affected", async () => {
  const { db } = database;
  const [hammering, other] = [await person(), await person()];
  const refusal = { action: "switch_turned", reason: "no_right", asked: {} } as const;
  const { max } = refusalLimit;
  for (let n = 0; n < max + 20; n += 1) await recordRefusal(db, { actor: hammering, ...refusal });
  await recordRefusal(db, { actor: other, ...refusal });
  const entries = await entriesOf(hammering.id);
  expect(entries).toHaveLength(max);
  expect(entries.at(-2)?.after).toEqual({ reason: "no_right" });
  expect(entries.at(-1)?.after).toEqual({ reason: "no_right", furtherLeftOut: true });
  expect(await entriesOf(other.id)).toHaveLength(1);
});

test("what a refusal is called is its sentence's key, else its code; a fault of the machine is nobody's refusal", () => {
  expect(reasonOf(new AppError("conflict", "No.", { key: "last_channel_admin" }))).toBe(
    "last_channel_admin",
  );
  expect(reasonOf(new AppError("forbidden", "No."))).toBe("forbidden");
  expect(reasonOf(new AppError("unavailable", "Later."))).toBeNull();
});
