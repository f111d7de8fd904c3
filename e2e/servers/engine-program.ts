import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, ".data", "engine");
const notePath = join(folder, "made.json");
const keptMs = 24 * 60 * 60 * 1_000;

/** A program and what it was made from: hashes by path. */
type Made = { program: string; inputs: Record<string, string> };

let found: Promise<string> | undefined;

/**
 * The path of one file with the engine's source of now and its packages, which Node runs as it is: a start takes a fifth of the
 * work of one from TypeScript, and tests start the engine some hundred times. Made anew when a byte of what it was made from has
 * changed. Tests of the whole product start the engine from its source, as users do.
 */
export function engineProgram(): Promise<string> {
  found ??= findOrMake();
  return found;
}

async function findOrMake(): Promise<string> {
  const note = await readFile(notePath, "utf8").catch(() => null);
  if (note === null) return make();
  const { program, inputs } = JSON.parse(note) as Made;
  const now = await hashAll(Object.keys(inputs));
  const isCurrent = Object.entries(inputs).every(([path, hash]) => now[path] === hash);
  const isThere = await stat(program).catch(() => null);
  return isCurrent && isThere !== null ? program : make();
}

async function make(): Promise<string> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["engine/main.ts"],
    // CommonJS packages in an ES module ask for these.
    banner: { js: commonJs },
    bundle: true,
    // It has machine code beside it, found from where it stands.
    external: ["@node-rs/argon2"],
    format: "esm",
    keepNames: true,
    metafile: true,
    platform: "node",
    target: "node20",
    write: false,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error("The engine came to no program.");
  const program = join(folder, `${sha256(output.contents)}.mjs`);
  // Of packages the lock file tells.
  const own = Object.keys(metafile.inputs).filter((path) => !path.startsWith("node_modules/"));
  const inputs = await hashAll([...own, "package-lock.json", "e2e/servers/engine-program.ts"]);
  await mkdir(folder, { recursive: true });
  await prune();
  await writeWhole(program, output.contents);
  await writeWhole(notePath, JSON.stringify({ program, inputs } satisfies Made));
  return program;
}

const commonJs = `import { createRequire as requireFrom } from "node:module";
const require = requireFrom(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;

async function hashAll(paths: readonly string[]): Promise<Record<string, string>> {
  const hash = async (path: string) =>
    [path, sha256(await readFile(join(root, path)).catch(() => Buffer.alloc(0)))] as const;
  return Object.fromEntries(await Promise.all(paths.map(hash)));
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Several processes make the same file at once: it is there whole or not at all. */
async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, content);
  await rename(draft, path);
}

/** Removes programs of older source, save those that a run which goes on may still start. */
async function prune(): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const made = await stat(path).catch(() => null);
    if (made !== null && made.mtimeMs < Date.now() - keptMs) await rm(path, { force: true });
  }
}
