import { expect, test } from "vitest";
import { testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createSampleWorld, pointAtBots } from "./sample-world.ts";

test("each sample channel says what it shows, and stands so, started again as well", async () => {
  const database = await createTestDatabase();
  const { db } = database;
  const options = { encryptionKey: testEncryptionKey, password: "a long sample password" };
  for (const time of ["first", "second"]) {
    const world = await createSampleWorld(db, options);
    await pointAtBots(db, { botPort: 1, closedPort: 2 });
    expect(
      world.states.every(({ shows }) => shows !== ""),
      time,
    ).toBe(true);
    const channels = await db.channel.findMany({
      include: { countingPeriods: { where: { endedAt: null } } },
    });
    expect(channels.map(({ id }) => id).toSorted()).toEqual(
      world.states.map(({ channelId }) => channelId).toSorted(),
    );
    const nameOfThose = (is: (one: (typeof channels)[number]) => boolean) =>
      channels
        .filter(is)
        .map(({ name }) => name)
        .toSorted();
    expect(nameOfThose((one) => one.webhookUrl === null)).toEqual(["New shop"]);
    expect(nameOfThose((one) => !one.useWebhook)).toEqual(["New shop", "Wholesale"]);
    expect(nameOfThose((one) => !one.webhookRedelivery)).toEqual(["New shop", "Suppliers"]);
    expect(nameOfThose((one) => !one.errorStatisticsAggregation)).toEqual(["Catering", "New shop"]);
    // What is counted has an open period, as the switch would leave it.
    expect(nameOfThose((one) => one.countingPeriods.length === 0)).toEqual([
      "Catering",
      "New shop",
    ]);
    expect(world.channelIds).not.toContain(
      world.states.find(({ name }) => name === "New shop")?.channelId,
    );
  }
  await database.close();
});
