import { randomBytes } from "node:crypto";
import { chown, mkdir, open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** `oldEncryptionKeys` while a rotation is under way. */
export type Secrets = {
  authSecret: string;
  encryptionKey: string;
  oldEncryptionKeys?: string[];
};

/** The secrets of this installation, made once into the data folder. Losing them loses every channel secret. */
export async function readOrMakeSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, "secrets.json");
  const known = await readFile(path, "utf8").catch(() => undefined);
  if (known !== undefined) return JSON.parse(known);
  const made = {
    authSecret: randomBytes(32).toString("base64url"),
    encryptionKey: randomBytes(32).toString("hex"),
  };
  await mkdir(dataDir, { recursive: true });
  await writeFile(path, JSON.stringify(made), { mode: 0o600, flag: "wx" });
  return made;
}

/**
 * Replaces the secrets of this installation in one step: after a crash either the old or the new file is there, and once
 * this resolves the new one, whatever happens to the machine. The file stays its owner's, also when root runs this.
 */
export async function writeSecrets(dataDir: string, secrets: Secrets): Promise<void> {
  const path = join(dataDir, "secrets.json");
  const next = `${path}.new`;
  const { uid, gid } = await stat(path);
  await writeFile(next, JSON.stringify(secrets), { mode: 0o600, flush: true });
  if (process.getuid?.() === 0) await chown(next, uid, gid);
  await rename(next, path);
  // The rename itself is on disk only with its folder.
  const folder = await open(dataDir);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
