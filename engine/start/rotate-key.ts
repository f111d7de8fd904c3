// npm run encryption-key:rotate
// With ENCRYPTION_KEY (new) and ENCRYPTION_KEYS_OLD set, and every part restarted with both: seals everything anew.
// Without them the key lies in the data folder: makes a new one there too, while the product is stopped.
import { randomBytes } from "node:crypto";
import { commandActor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Database } from "#lib/db.ts";
import { parseEnv } from "#lib/env.ts";
import { resealAll } from "#lib/reseal.ts";
import { keyRing } from "#lib/sealing.ts";
import { currentEnv } from "./child-env.ts";
import { lockDataDir } from "./data-dir-lock.ts";
import { readOrMakeSecrets, writeSecrets } from "./secrets.ts";
import { withDatabase, withEmbeddedDatabase } from "./with-database.ts";

try {
  const env = parseEnv(currentEnv());
  if (env.encryptionKey === undefined) await rotateInDataDir(env.dataDir, env.oldEncryptionKeys);
  else if (await withDatabase(reseal(env.encryptionKey))) {
    console.log("Restart every part without ENCRYPTION_KEYS_OLD.");
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/**
 * Both keys stand in the file until everything is sealed with the new one, so it can stop at any point and be run again.
 * `found`: further keys that the person has found, to open what the file's keys do not.
 */
async function rotateInDataDir(dataDir: string, found: readonly Buffer[]): Promise<void> {
  const lock = await lockDataDir(dataDir);
  try {
    const before = await readOrMakeSecrets(dataDir);
    const isUnderWay = (before.oldEncryptionKeys ?? []).length > 0;
    const secrets = isUnderWay
      ? before
      : {
          ...before,
          encryptionKey: randomBytes(32).toString("hex"),
          oldEncryptionKeys: [before.encryptionKey],
        };
    if (!isUnderWay) await writeSecrets(dataDir, secrets);
    const older = (secrets.oldEncryptionKeys ?? []).map((key) => Buffer.from(key, "hex"));
    const ring = keyRing(Buffer.from(secrets.encryptionKey, "hex"), [...older, ...found]);
    if (!(await withEmbeddedDatabase(dataDir, reseal(ring)))) return;
    const { oldEncryptionKeys: _done, ...rest } = secrets;
    await writeSecrets(dataDir, rest);
    console.log("The new key is in the data folder: back it up.");
  } finally {
    await lock.release();
  }
}

/** Whether everything is sealed with the new key now; says so, and what is not. */
function reseal(key: Buffer) {
  return async ({ db, pool }: Database): Promise<boolean> => {
    const { resealedCount, failed } = await resealAll(pool, key);
    await recordAudit(db, {
      actor: commandActor("encryption-key:rotate"),
      action: "secrets_resealed",
      after: { resealed: resealedCount, failed: failed.length },
    });
    console.log(`Secrets encrypted with the new key: ${resealedCount}.`);
    if (failed.length === 0) return true;
    console.error(
      `${failed.length} could not be decrypted with any key; left unchanged: ${failed.slice(0, 20).join(", ")}\n` +
        "Keep the older keys, add the missing one to ENCRYPTION_KEYS_OLD, and run this again.",
    );
    process.exitCode = 1;
    return false;
  };
}
