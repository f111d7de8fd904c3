import { randomBytes } from "node:crypto";
import { chown, mkdir, open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** `oldEncryptionKeys` while a rotation is under way. */
export type InstallationSecrets = {
  authSecret: string;
  encryptionKey: string;
  oldEncryptionKeys?: string[];
};

/**
 * The secrets of this installation, made once into the data folder. Losing them loses every channel secret. A first start
 * that ended while it wrote them, or found no room, leaves none; an empty file holds none.
 * @throws Error naming the file when what it says is damaged, and when it cannot be read: neither is replaced.
 */
export async function readOrMakeSecrets(dataDir: string): Promise<InstallationSecrets> {
  const path = join(dataDir, "secrets.json");
  const known = await readIfThere(path);
  if (known !== "") return parseSecrets(path, known);
  const made = {
    authSecret: randomBytes(32).toString("base64url"),
    encryptionKey: randomBytes(32).toString("hex"),
  };
  await mkdir(dataDir, { recursive: true });
  await putInPlace(dataDir, made);
  return made;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

function parseSecrets(path: string, text: string): InstallationSecrets {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(
      `${path} is damaged: put back a copy of it. It opens the channel secrets, so nothing was made in its place.`,
      { cause },
    );
  }
}

/**
 * Replaces the secrets of this installation in one step: after a crash either the old or the new file is there, and once
 * this resolves the new one, whatever happens to the machine. The file stays its owner's, also when root runs this.
 */
export async function writeSecrets(dataDir: string, secrets: InstallationSecrets): Promise<void> {
  await putInPlace(dataDir, secrets, await stat(join(dataDir, "secrets.json")));
}

async function putInPlace(
  dataDir: string,
  secrets: InstallationSecrets,
  owner?: { uid: number; gid: number },
): Promise<void> {
  const path = join(dataDir, "secrets.json");
  const next = `${path}.new`;
  await writeFile(next, JSON.stringify(secrets), { mode: 0o600, flush: true });
  if (owner !== undefined && process.getuid?.() === 0) await chown(next, owner.uid, owner.gid);
  await rename(next, path);
  // The rename itself is on disk only with its folder.
  const folder = await open(dataDir);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
