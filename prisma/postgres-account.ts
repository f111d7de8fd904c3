import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** An unprivileged system account: PostgreSQL refuses to run as root. */
export type Account = { uid: number; gid: number };

/**
 * The account that the embedded PostgreSQL runs as when this process is root, made if it does not exist yet.
 * Undefined for an ordinary user, who runs it under their own account.
 * @param name an account of /etc/passwd. `nobody` exists everywhere and is enough for databases that are thrown away;
 *   lasting data gets an account of its own, because other programs may run as `nobody` too.
 */
export async function postgresAccount(name: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const found = await findAccount(name);
  if (found !== undefined) return found;
  try {
    await run("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]);
  } catch (cause) {
    throw new Error(
      `PostgreSQL does not run as root, and the account "${name}" for it could not be created. ` +
        "Start as an ordinary user, create that account, or set DATABASE_URL.",
      { cause },
    );
  }
  const made = await findAccount(name);
  if (made === undefined)
    throw new Error(`The account "${name}" was created but is not in /etc/passwd`);
  return made;
}

/**
 * Whom a cluster that is there belongs to, when this process is root: it goes on under that account, so a command that
 * root runs over an ordinary user's data folder leaves the folder to its user. Undefined where there is none.
 */
export async function clusterOwner(clusterDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const found = await stat(join(clusterDir, "PG_VERSION")).catch(() => undefined);
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

async function findAccount(name: string): Promise<Account | undefined> {
  const line = (await readFile("/etc/passwd", "utf8"))
    .split("\n")
    .find((row) => row.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined
    ? undefined
    : { uid: Number(uid), gid: Number(gid) };
}
