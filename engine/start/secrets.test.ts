import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { projectDir } from "./project-dir.ts";
import { readOrMakeSecrets } from "./secrets.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "tocsin-secrets-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10 }));

/** Makes the secrets in a process that may write no byte into any file: it ends between making the file and filling it. */
async function makeWithoutRoom(): Promise<void> {
  const module = JSON.stringify(join(projectDir, "engine/start/secrets.ts"));
  const work = `const { readOrMakeSecrets } = await import(${module}); await readOrMakeSecrets(${JSON.stringify(dataDir)})`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", work];
  const script = 'ulimit -f 0; exec "$0" "$@"';
  await promisify(execFile)("/bin/sh", ["-c", script, process.execPath, ...args], {
    cwd: projectDir,
    env: { NODE_ENV: "test", TSX_DISABLE_CACHE: "1" },
  });
}

test("a first start that ends while it writes the secrets leaves none, and the next one makes them", async () => {
  await expect(makeWithoutRoom()).rejects.toThrow();
  expect(await readdir(dataDir)).not.toContain("secrets.json");
  const made = await readOrMakeSecrets(dataDir);
  expect(made.encryptionKey).toMatch(/^[0-9a-f]{64}$/);
  expect(await readOrMakeSecrets(dataDir)).toEqual(made);
  expect(await readdir(dataDir)).toEqual(["secrets.json"]);
  expect((await stat(join(dataDir, "secrets.json"))).mode & 0o777).toBe(0o600);
});

test("an empty file, as an interrupted first start left it, is filled", async () => {
  await writeFile(join(dataDir, "secrets.json"), "");
  const made = await readOrMakeSecrets(dataDir);
  expect(await readOrMakeSecrets(dataDir)).toEqual(made);
});

test("secrets that are no longer readable are told with their file, and left as they are", async () => {
  const path = join(dataDir, "secrets.json");
  await writeFile(path, '{"authSecret":"abc');
  await expect(readOrMakeSecrets(dataDir)).rejects.toThrow(
    `${path} is damaged: put back a copy of it`,
  );
  expect((await stat(path)).size).toBe(18);
});
