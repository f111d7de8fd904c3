import { execFile, spawn } from "node:child_process";
import { rmSync, symlinkSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "..", "..");

/** A state of the source that can be run: this one, or a commit laid out beside it. */
export type Build = { name: string; root: string; remove: () => void };

/** The source that the bench itself is of. */
export const thisBuild: Build = { name: "this build", root: repository, remove: () => undefined };

/** What a bench compares with unless told: the last commit before the work that its goals are about. */
export const defaultRevision = "ea08ee5";

/**
 * Lays a commit out in a temporary folder, with the packages of this build (so the commit must get along with them) and a
 * Prisma client of its own, until `remove`, Ctrl-C or SIGTERM. Undefined, having said so, where the commit is not to be had.
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
  const remove = removedOnInterrupt(root);
  try {
    await unpack(commit, root);
    symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
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

function removedOnInterrupt(root: string): () => void {
  const remove = () => {
    for (const signal of signals) process.off(signal, onSignal);
    rmSync(root, { recursive: true, force: true, maxRetries: 10 });
  };
  const onSignal = (signal: NodeJS.Signals) => {
    remove();
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.once(signal, onSignal);
  return remove;
}

const signals = ["SIGINT", "SIGTERM"] as const;
