import type { FastifyInstance } from "fastify";
import { type ApiOptions, createApi } from "#engine/api/server.ts";
import type { Database } from "#lib/db.ts";
import { openLog } from "#lib/log.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { createSender } from "#lib/transport/sender.ts";
import { testEncryptionKey } from "./factories.ts";

/** The API over a test's database, silent, sending nowhere private; not listening yet. */
export function createTestApi(
  database: Database,
  overrides: Partial<ApiOptions> = {},
): FastifyInstance {
  const policy =
    overrides.provisioning?.policy ?? createTargetPolicy({ allowTargets: [], allowHttp: false });
  const sender = createSender({ policy });
  const app = createApi({
    database,
    log: openLog("test", "silent"),
    statistics: { retentionDays: { log: 30, errors: 90, rows: 400 }, timeZone: "Asia/Tokyo" },
    provisioning: { encryptionKey: testEncryptionKey, policy },
    sender,
    intakeLimits: { queueMax: 1_000_000, channelMax: 1_000_000, ageMaxMs: 86_400_000 },
    // On a busy machine too: what is asked within a second has tests of its own.
    probeMs: 60_000,
    ...overrides,
  });
  app.addHook("onClose", () => sender.close());
  return app;
}
