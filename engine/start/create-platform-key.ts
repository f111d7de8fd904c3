// npm run platform-key:create -- [--name N]

import { parseArgs } from "node:util";
import { commandActor } from "#lib/audit/actor.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { withDatabase } from "./with-database.ts";

const { values } = parseArgs({ options: { name: { type: "string", default: "Command line" } } });

try {
  const { key } = await withDatabase(({ db }) =>
    createPlatformKey(db, commandActor("platform-key:create"), { name: values.name }),
  );
  console.error(
    "The key below is shown only once. Send it as `Authorization: Bearer <platform key>`.",
  );
  console.log(key);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
