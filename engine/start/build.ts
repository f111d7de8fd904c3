import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { childEnv } from "./child-env.ts";
import { projectDir } from "./project-dir.ts";

/** What the console is built from. */
const sources = [
  "app",
  "components",
  "lib",
  "public",
  "prisma/schema.prisma",
  "proxy.ts",
  "instrumentation-client.ts",
  "instrumentation.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "package-lock.json",
  "tsconfig.json",
];
/** Next writes it last: a build that ended without it is none, whatever its exit code. */
const buildIdPath = join(projectDir, ".next", "BUILD_ID");
const markPath = join(projectDir, ".next", "built-from");

/**
 * Builds the console unless there is a build of exactly this source. Returns whether it built. The build ends when
 * it is given up.
 * @throws Error with what it printed; the reason of `signal`
 */
export async function buildIfNeeded(signal?: AbortSignal): Promise<boolean> {
  const fingerprint = await fingerprintSources();
  const built = await readFile(markPath, "utf8").catch(() => "");
  if (built === fingerprint && (await isThere(buildIdPath))) return false;
  await build(signal);
  if (!(await isThere(buildIdPath))) {
    throw new Error("The console could not be built: Next ended early, without a word.");
  }
  await writeFile(markPath, fingerprint);
  return true;
}

async function build(signal?: AbortSignal): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(projectDir, "node_modules/next/dist/bin/next"), "build"],
    {
      cwd: projectDir,
      env: childEnv({ NODE_ENV: "production" }),
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const listen = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const giveUp = (): void => void child.kill();
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted === true) giveUp();
  const code = await new Promise<number | null>((settle) => {
    child.once("error", () => settle(null));
    child.once("exit", settle);
  });
  signal?.removeEventListener("abort", giveUp);
  signal?.throwIfAborted();
  if (code !== 0) throw new Error(`The console could not be built:\n${output}`);
}

async function fingerprintSources(): Promise<string> {
  const hash = createHash("sha256").update(process.version);
  for (const source of sources) {
    for (const path of await listFiles(join(projectDir, source))) {
      hash
        .update(path.slice(projectDir.length))
        .update("\0")
        .update(await readFile(path))
        .update("\0");
    }
  }
  return hash.digest("hex");
}

const isThere = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined)) !== undefined;

async function listFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
