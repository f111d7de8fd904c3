import { v7 as newId } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { digestUnsubscribeUrl, readMailToken, type UnsubscribeLink } from "./mail-token.ts";
import { describeLink, unsubscribe } from "./unsubscribe.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const options = closingOptions();
const address = "reader@example.com";

/** The link of a digest, whose notices are not (any more) in the database. */
function linkOf(channelIds: readonly string[]): { url: string; link: UnsubscribeLink } {
  const url = digestUnsubscribeUrl(options, { mailId: newId(), address, channelIds });
  const link = readMailToken(options.encryptionKey, url.split("/").at(-1) ?? "");
  if (link === null || link.kind === "confirm") throw new Error("no such link");
  return { url, link };
}

const ended = async (channelId: string) =>
  (await database.db.mailPreference.count({
    where: { channelId, addressKey: address, unsubscribedAt: { not: null } },
  })) === 1;

test("the link of a digest ends the mails of its channels when what it told of is long forgotten", async () => {
  const [one, two, other] = await Promise.all([1, 2, 3].map(() => createChannel(database.db)));
  const { link } = linkOf([one?.id ?? "", two?.id ?? "", one?.id ?? ""]);
  const { channelNames } = await describeLink(database.pool, link);
  expect(channelNames.toSorted()).toEqual([one?.name, two?.name].toSorted());
  expect(await unsubscribe(database.pool, testActor, link)).toBe("ended");
  expect(await ended(one?.id ?? "")).toBe(true);
  expect(await ended(two?.id ?? "")).toBe(true);
  expect(await ended(other?.id ?? "")).toBe(false);
});

test("a channel that was deleted meanwhile is in nobody's way", async () => {
  const { id } = await createChannel(database.db);
  const { link } = linkOf([id, "1999999999"]);
  expect(await unsubscribe(database.pool, testActor, link)).toBe("ended");
  expect(await ended(id)).toBe(true);
});

test("a link from before digests carried their channels, or of more channels than fit, says when it ends nothing", async () => {
  const old = { kind: "digest", mailId: newId(), address } as const;
  expect(await describeLink(database.pool, old)).toMatchObject({ isForgotten: true });
  expect(await unsubscribe(database.pool, testActor, old)).toBe("forgotten");
  const many = Array.from({ length: 200 }, (_, index) => String(1_000_000_000 + index));
  const { url, link } = linkOf(many);
  expect(link).not.toHaveProperty("channels");
  expect(url.length).toBeLessThan(900);
});

test("the link of a digest of many channels fits into a line of a mail's head", () => {
  const some = Array.from({ length: 25 }, (_, index) => String(1_000_000_000 + index));
  const { url, link } = linkOf(some);
  expect(link).toMatchObject({ channels: some.join(".") });
  expect(url.length).toBeLessThan(900);
});
