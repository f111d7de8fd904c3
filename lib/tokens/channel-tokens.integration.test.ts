import { afterAll, beforeAll, expect, test } from "vitest";
import { deleteChannel } from "#lib/channels/commands.ts";
import type { Database } from "#lib/db.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { issueChannelToken, listChannelTokens, revokeChannelTokens } from "./channel-tokens.ts";
import { findChannelToken } from "./find-channel-token.ts";
import { IssueChannelTokenForm } from "./schema.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const issue = (channelId: string, keepHours = 24) =>
  issueChannelToken(database.db, testActor, { channelId, keepHours });
/** Which of the tokens are taken. */
const inForce = (tokens: readonly string[]) =>
  Promise.all(tokens.map(async (token) => (await findChannelToken(database.pool, token)) !== null));
/** As if so much time had passed since the tokens were replaced. */
const letPass = (channelId: string, hours: number) =>
  database.pool.query(
    "update channel_tokens set ends_at = ends_at - make_interval(hours => $2) where channel_id = $1",
    [channelId, hours],
  );

test("a token speaks for its channel, is told by its first characters and never listed", async () => {
  const { id, name } = await createChannel(database.db);
  const token = await issue(id);
  expect(token).toMatch(/^tct_[\w-]{43}$/);
  expect(await findChannelToken(database.pool, token)).toEqual({ id, name });
  const listed = await listChannelTokens(database.db, id);
  expect(listed).toMatchObject([{ hint: token.slice(0, 10), endsAt: null }]);
  expect(listed[0]?.lastUsedAt).toBeInstanceOf(Date);
  const { rows } = await database.pool.query("select row_to_json(t)::text from channel_tokens t");
  expect(JSON.stringify([rows, listed])).not.toContain(token.slice(10));
  expect(await findChannelToken(database.pool, `${token}x`)).toBeNull();
});

test("a token that was replaced is taken for as long as it is kept", async () => {
  const { id } = await createChannel(database.db);
  const tokens = [await issue(id), await issue(id, 6), await issue(id, 12)];
  expect(await inForce(tokens)).toEqual([true, true, true]);
  await letPass(id, 6);
  expect(await inForce(tokens)).toEqual([false, true, true]);
  await letPass(id, 6);
  expect(await inForce(tokens)).toEqual([false, false, true]);
  expect(await listChannelTokens(database.db, id)).toHaveLength(1);
});

test("a token that has leaked ends at once, with whatever was kept", async () => {
  const { id } = await createChannel(database.db);
  const tokens = [await issue(id), await issue(id, 24), await issue(id, 0)];
  expect(await inForce(tokens)).toEqual([false, false, true]);
});

test("revoked tokens and those of a deleted channel are worth nothing", async () => {
  const { db } = database;
  const { id, name } = await createChannel(db);
  const other = await createChannel(db);
  const kept = await issue(other.id);
  const tokens = [await issue(id), await issue(id)];
  await revokeChannelTokens(db, testActor, id);
  expect(await inForce([...tokens, kept])).toEqual([false, false, true]);
  await expect(revokeChannelTokens(db, testActor, id)).rejects.toMatchObject({ code: "not_found" });
  const last = await issue(id);
  await deleteChannel(db, testActor, id, name);
  expect(await inForce([last])).toEqual([false]);
  await expect(issue(id)).rejects.toMatchObject({ code: "not_found" });
});

test("of tokens issued at the same time one is the current one, and the others are kept", async () => {
  const { id } = await createChannel(database.db);
  const tokens = await Promise.all(Array.from({ length: 8 }, () => issue(id)));
  expect(await inForce(tokens)).toEqual(tokens.map(() => true));
  const listed = await listChannelTokens(database.db, id);
  expect(listed.filter((token) => token.endsAt === null)).toHaveLength(1);
  expect(listed).toHaveLength(8);
});

test.each([
  [{ keepHours: "0" }, 0],
  [{ keepHours: "24" }, 24],
  [{}, 24],
])("a form with %o keeps the token before for %i hours", (given, hours) => {
  expect(IssueChannelTokenForm.parse({ channelId: "1", ...given }).keepHours).toBe(hours);
});

test.each(["25", "-1", "0.5", "x"])("a form refuses to keep it for %s hours", (keepHours) => {
  expect(IssueChannelTokenForm.safeParse({ channelId: "1", keepHours }).success).toBe(false);
});
