import "server-only";
import { runtimeEnv } from "#lib/env.ts";
import { watchSealingKey } from "#lib/sealed-with.ts";
import { database } from "./database.ts";

/**
 * Ends the process, with words, when no key that it was given opens what is sealed in the database: at once, or as soon as the
 * database can be asked. That it cannot be asked yet keeps no console from starting.
 */
export async function endUnlessKeyIsRight(): Promise<void> {
  const { encryptionKey, lostKeyNames } = runtimeEnv();
  const end = (error: unknown): never => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  };
  const { checked } = await watchSealingKey(database().pool, encryptionKey, lostKeyNames).catch(
    end,
  );
  checked.catch(end);
}
