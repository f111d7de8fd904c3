import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { actorOf, createChannel, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { readProblemTellings } from "./read-problem-tellings.ts";
import { exportNotifications } from "./stream-notifications.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test("what quiet hours hold, and what was held and waits for its digest, is told apart alike everywhere", async () => {
  const { id: channelId } = await createChannel(database.db);
  await database.pool.query(
    `with told as (
       insert into notifications (id, channel_id, type, key, detected_at, closed_at, settled_at, reason, detail, error_count)
       select gen_random_uuid(), $1, 'error_detected', '503', now() - interval '1 hour', now() - interval '50 minutes',
              now() - interval '49 minutes', 'error_status_code', '503', 3 returning id, channel_id
     )
     insert into notices (id, notification_id, channel_id, address, address_key, locale, look_again_at, told_at)
     select gen_random_uuid(), told.id, channel_id, name, name, 'en', now() + again, now() + said
       from told, (values ('held', interval '5 minutes', null::interval),
                          ('was held', interval '-5 minutes', null),
                          ('waits', null, null),
                          ('dropped', interval '5 minutes', interval '-1 minute')) n (name, again, said)`,
    [channelId],
  );
  const tellings = await readProblemTellings(
    database.pool,
    channelId,
    new Date(Date.now() - 86_400_000),
  );
  expect([...tellings.values()]).toEqual([{ at: expect.any(Date), addressCount: 3, heldCount: 1 }]);
  const actor = actorOf(await createUser(database.db));
  const wanted = { channelId, timeZone: "UTC", format: "jsonl" } as const;
  const { stream } = await exportNotifications(database, actor, wanted);
  const { recipients } = JSON.parse(await new Response(stream).text());
  expect(recipients).toEqual([
    { address: "dropped", state: "dropped" },
    { address: "held", state: "held" },
    { address: "waits", state: "waiting" },
    { address: "was held", state: "waiting" },
  ]);
});
