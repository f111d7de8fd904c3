import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** An unprivileged system account: PostgreSQL refuses to run as root. */
export type Account = { name: string; uid: number; gid: number };

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
      `PostgreSQL does not run as root, and the account "${name}" for it could not be made. ` +
        "Start as an ordinary user, make that account, or set DATABASE_URL.",
      { cause },
    );
  }
  const made = await findAccount(name);
  if (made === undefined)
    throw new Error(`The account "${name}" was made but is not in /etc/passwd`);
  return made;
}

async function findAccount(name: string): Promise<Account | undefined> {
  const line = (await readFile("/etc/passwd", "utf8"))
    .split("\n")
    .find((row) => row.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined
    ? undefined
    : { name, uid: Number(uid), gid: Number(gid) };
}
