import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { build, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, ".data", "programs");
const keptMs = 24 * 60 * 60 * 1_000;

/** A program and what it was made from: hashes by path. */
type Made = { program: string; inputs: Record<string, string> };

const found = new Map<string, Promise<string>>();

/** The engine, as a program. */
export const engineProgram = (): Promise<string> => programOf('import "#engine/main.ts";');

/** `npm start`, as a program; its engines are programs too. */
export const productProgram = async (): Promise<string> =>
  programOf('import "#engine/start/main.ts";', await enginesAsProgram());

/** For a `script` that starts the product: its engines start as programs. */
export const enginesAsProgram = async (): Promise<Instead> => ({
  "engine/start/engine-command.ts": `export const engineCommand = ${JSON.stringify([await engineProgram()])};`,
});

/** Source by the path that it stands in for. */
type Instead = Readonly<Record<string, string>>;

/**
 * The path of one file that does what `script` says, with the source of now that it imports and its packages, which Node runs as
 * it is: a start takes a fifth of the work of one from TypeScript, and tests start the engine and the commands some hundred times.
 * Made anew when a byte of what it was made from has changed. `script` is a module of TypeScript that imports by `#`; what a test
 * wants to hand over goes by the arguments, not into the text. What users start keeps a test that starts it from its source.
 */
export function programOf(script: string, instead: Instead = {}): Promise<string> {
  const name = sha256(JSON.stringify([script, instead]));
  const known = found.get(name) ?? findOrMake(name, script, instead);
  found.set(name, known);
  return known;
}

async function findOrMake(name: string, script: string, instead: Instead): Promise<string> {
  const notePath = join(folder, `${name}.json`);
  const renew = () => make(notePath, script, instead);
  const note = await readFile(notePath, "utf8").catch(() => null);
  if (note === null) return renew();
  const { program, inputs } = JSON.parse(note) as Made;
  const now = await hashAll(Object.keys(inputs));
  const isCurrent = Object.entries(inputs).every(([path, hash]) => now[path] === hash);
  return isCurrent && (await touch(program)) ? program : renew();
}

async function make(notePath: string, script: string, instead: Instead): Promise<string> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: script, resolveDir: root, sourcefile: scriptName, loader: "ts" },
    // CommonJS packages in an ES module ask for the first three.
    banner: { js: head },
    bundle: true,
    // They have machine code or WebAssembly beside them, found from where they stand.
    external: ["@node-rs/argon2", "@prisma/schema-engine-wasm", "fs-native-extensions"],
    format: "esm",
    keepNames: true,
    metafile: true,
    platform: "node",
    plugins: [ownSource(instead), wordsBeside],
    target: "node20",
    write: false,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`This came to no program: ${script}`);
  const program = join(folder, `${sha256(output.contents)}.mjs`);
  // Of packages the lock file tells.
  const own = Object.keys(metafile.inputs).filter(
    (path) => !path.startsWith("node_modules/") && path !== scriptName,
  );
  const inputs = await hashAll([...own, "package-lock.json", "e2e/servers/programs.ts"]);
  await mkdir(folder, { recursive: true });
  await prune();
  await writeWhole(program, output.contents);
  await writeWhole(notePath, JSON.stringify({ program, inputs } satisfies Made));
  return program;
}

const scriptName = "script.ts";

const head = `import { createRequire as requireFrom } from "node:module";
import { join as joinPath } from "node:path";
const require = requireFrom(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;
const sourceFolder = (path) => joinPath(__dirname, "..", "..", path);`;

/** Source that asks where it stands means its own folder, not the program's. */
const ownSource = (instead: Instead): Plugin => ({
  name: "own source",
  setup: (bundle) => {
    bundle.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const file = relative(root, path).split(sep).join("/");
      if (file.startsWith("node_modules/")) return undefined;
      const contents = instead[file] ?? (await readFile(path, "utf8"));
      const stands = `sourceFolder(${JSON.stringify(dirname(file))})`;
      return { contents: contents.replaceAll("import.meta.dirname", stands), loader: "ts" };
    });
  },
});

/** Megabytes of WebAssembly in letters stay where they are: read as they come, and only by who opens a database. */
const wordsBeside: Plugin = {
  name: "words beside",
  setup: (bundle) => {
    bundle.onLoad({ filter: /\.wasm-base64\.m?js$/ }, ({ path }) => {
      const letters = `readFileSync(${JSON.stringify(path)}, "latin1").split('"')[1]`;
      return {
        contents: `import { readFileSync } from "node:fs";\nexport const wasm = ${letters};`,
      };
    });
  },
};

async function hashAll(paths: readonly string[]): Promise<Record<string, string>> {
  const hash = async (path: string) =>
    [path, sha256(await readFile(join(root, path)).catch(() => Buffer.alloc(0)))] as const;
  return Object.fromEntries(await Promise.all(paths.map(hash)));
}

const sha256 = (bytes: Uint8Array | string): string =>
  createHash("sha256").update(bytes).digest("hex");

/** Several processes make the same file at once: it is there whole or not at all. */
async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, content);
  await rename(draft, path);
}

/** Marks a program as in use; whether it is there. */
async function touch(program: string): Promise<boolean> {
  const now = new Date();
  return utimes(program, now, now).then(
    () => true,
    () => false,
  );
}

/** Removes programs of older source, save those that a run which goes on may still start. */
async function prune(): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const made = await stat(path).catch(() => null);
    if (made !== null && made.mtimeMs < Date.now() - keptMs) await rm(path, { force: true });
  }
}
