// npm run encryption-key:rotate
// With ENCRYPTION_KEY (new) and ENCRYPTION_KEYS_OLD set, and every part restarted with both: seals everything anew.
// Without them the key lies in the data folder: makes a new one there too, while the product is stopped.
import { randomBytes } from "node:crypto";
import { commandActor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { parseEnv } from "#lib/env.ts";
import { resealAll } from "#lib/reseal.ts";
import { keyRing } from "#lib/sealing.ts";
import { currentEnv } from "./child-env.ts";
import { lockDataDir } from "./data-dir-lock.ts";
import { readOrMakeSecrets, writeSecrets } from "./secrets.ts";
import { withDatabase } from "./with-database.ts";

const env = parseEnv(currentEnv());
try {
  if (env.encryptionKey === undefined) await rotateInDataDir(env.dataDir);
  else if (await reseal(env.encryptionKey)) {
    console.log("Restart every part without ENCRYPTION_KEYS_OLD.");
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Both keys stand in the file until everything is sealed with the new one, so it can stop at any point and be run again. */
async function rotateInDataDir(dataDir: string): Promise<void> {
  const lock = await lockDataDir(dataDir);
  await lock.release();
  const before = await readOrMakeSecrets(dataDir);
  const isUnderWay = (before.oldEncryptionKeys ?? []).length > 0;
  const secrets = isUnderWay
    ? before
    : {
        ...before,
        encryptionKey: randomBytes(32).toString("hex"),
        oldEncryptionKeys: [before.encryptionKey],
      };
  await writeSecrets(dataDir, secrets);
  const older = (secrets.oldEncryptionKeys ?? []).map((key) => Buffer.from(key, "hex"));
  if (!(await reseal(keyRing(Buffer.from(secrets.encryptionKey, "hex"), older)))) return;
  const { oldEncryptionKeys: _done, ...rest } = secrets;
  await writeSecrets(dataDir, rest);
  console.log("The new key is in the data folder: back it up.");
}

async function reseal(key: Buffer): Promise<boolean> {
  const { resealedCount, failed } = await withDatabase(async ({ db, pool }) => {
    const report = await resealAll(pool, key);
    const after = { resealed: report.resealedCount, failed: report.failed.length };
    const actor = commandActor("encryption-key:rotate");
    await recordAudit(db, { actor, action: "secrets_resealed", after });
    return report;
  });
  console.log(`${resealedCount} secrets were sealed with the new key.`);
  if (failed.length === 0) return true;
  console.error(
    `${failed.length} could not be opened with any key, and stay as they are: ${failed.slice(0, 20).join(", ")}\n` +
      "Keep the older keys, add the one that is missing to ENCRYPTION_KEYS_OLD, and run this again.",
  );
  process.exitCode = 1;
  return false;
}
