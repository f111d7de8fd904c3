import { addTarget } from "#lib/alerts/commands.ts";
import { openDatabase } from "#lib/db.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { testActor, testEncryptionKey } from "#testing/factories.ts";
import type { Place } from "./place.ts";

const policy = createTargetPolicy({ allowTargets: ["127.0.0.0/8"], allowHttp: true });

/** There is no API for alert targets: made as the console's form does it. */
export async function addAlertTarget(place: Place, channelId: string, url: string): Promise<void> {
  const database = openDatabase(place.url, { connectionsMax: 1 });
  const form = { channelId, kind: "webhook" as const, name: "Proof", url };
  await addTarget(database.db, { policy, encryptionKey: testEncryptionKey }, testActor, form);
  await database.close();
}
