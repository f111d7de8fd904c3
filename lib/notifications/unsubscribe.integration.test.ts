import { v7 as newId } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { digestUnsubscribeUrl, readMailToken, type UnsubscribeScope } from "./mail-token.ts";
import { describeScope, unsubscribe } from "./unsubscribe.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const options = closingOptions();
const address = "reader@example.com";

/** The link of a digest, whose notices are not (any more) in the database. */
function linkOf(channelIds: readonly string[]): { url: string; scope: UnsubscribeScope } {
  const url = digestUnsubscribeUrl(options, { mailId: newId(), address, channelIds });
  const scope = readMailToken(options.encryptionKey, url.split("/").at(-1) ?? "");
  if (scope === null || scope.kind === "confirm") throw new Error("no such link");
  return { url, scope };
}

const ended = async (channelId: string) =>
  (await database.db.mailPreference.count({
    where: { channelId, addressKey: address, unsubscribedAt: { not: null } },
  })) === 1;

test("the link of a digest ends the mails of its channels when what it told of is long forgotten", async () => {
  const [one, two, other] = await Promise.all([1, 2, 3].map(() => createChannel(database.db)));
  const { scope } = linkOf([one?.id ?? "", two?.id ?? "", one?.id ?? ""]);
  const { channelNames } = await describeScope(database.pool, scope);
  expect(channelNames.toSorted()).toEqual([one?.name, two?.name].toSorted());
  expect(await unsubscribe(database.pool, testActor, scope)).toBe("ended");
  expect(await ended(one?.id ?? "")).toBe(true);
  expect(await ended(two?.id ?? "")).toBe(true);
  expect(await ended(other?.id ?? "")).toBe(false);
});

test("a channel that was deleted meanwhile is in nobody's way", async () => {
  const { id } = await createChannel(database.db);
  const { scope } = linkOf([id, "1999999999"]);
  expect(await unsubscribe(database.pool, testActor, scope)).toBe("ended");
  expect(await ended(id)).toBe(true);
});

test("a link from before digests carried their channels, or of more channels than fit, says when it ends nothing", async () => {
  const old = { kind: "digest", mailId: newId(), address } as const;
  expect(await describeScope(database.pool, old)).toMatchObject({ isForgotten: true });
  expect(await unsubscribe(database.pool, testActor, old)).toBe("forgotten");
  const many = Array.from({ length: 200 }, (_, index) => String(1_000_000_000 + index));
  const { url, scope } = linkOf(many);
  expect(scope).not.toHaveProperty("channels");
  expect(url.length).toBeLessThan(900);
});

test("the link of a digest of many channels fits into a line of a mail's head", () => {
  const some = Array.from({ length: 25 }, (_, index) => String(1_000_000_000 + index));
  const { url, scope } = linkOf(some);
  expect(scope).toMatchObject({ channels: some.join(".") });
  expect(url.length).toBeLessThan(900);
});
