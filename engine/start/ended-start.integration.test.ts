import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "#e2e/servers/free-port.ts";
import { enginesAsProgram, programOf } from "#e2e/servers/programs.ts";
import { lockFile } from "#prisma/file-lock.ts";
import { projectDir } from "./project-dir.ts";

// A start command that is ended before it has started everything, at whatever it is.

let home: string;
let dataDir: string;
let child: ChildProcess | undefined;
let output = "";
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "tocsin-ended-"));
  await chmod(home, 0o711);
  dataDir = join(home, "data");
  output = "";
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
});

/** What `npm start` runs, over a database that an account of this machine can own. */
async function start(): Promise<{ ended: Promise<unknown[]>; apiUrl: string }> {
  const script = `
    import { runProduct } from "#engine/start/run-product.ts";
    const [shelterDir] = process.argv.slice(2);
    await runProduct({
      source: process.env, say: console.log, dev: true, embedded: { accountName: "nobody", shelterDir },
    });`;
  const program = await programOf(script, await enginesAsProgram());
  const [port, enginePort] = [await freePort(), await freePort()];
  const started = spawn(process.execPath, [program, join(home, "shelter")], {
    cwd: projectDir,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      NODE_ENV: "production",
      PATH: "/usr/bin:/bin",
      DATA_DIR: dataDir,
      PORT: String(port),
      ENGINE_PORT: String(enginePort),
    },
  });
  child = started;
  for (const stream of [started.stdout, started.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return { ended: once(started, "exit"), apiUrl: `http://127.0.0.1:${enginePort}` };
}

const until = (condition: () => Promise<boolean>) =>
  expect.poll(condition, { timeout: 200_000, interval: 5 }).toBe(true);

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Folders in which a cluster is made. */
const scratch = async (): Promise<string[]> =>
  (await readdir(dataDir).catch(() => [])).filter((name) => name.startsWith("postgres.new-"));

/** Neither the data folder nor the cluster is held by any process. */
async function expectFree(): Promise<void> {
  const cluster = await realpath(join(dataDir, "postgres"));
  for (const path of [join(dataDir, "tocsin.lock"), `${cluster}.lock`]) {
    const lock = await lockFile(path);
    expect(lock).not.toBeNull();
    await lock?.close();
  }
  expect(await exists(join(cluster, "postmaster.pid"))).toBe(false);
}

const stages: Record<string, (apiUrl: string) => Promise<boolean>> = {
  "its cluster is made": async () => (await scratch()).length > 0,
  "its database begins": () => exists(join(dataDir, "postgres/postmaster.pid")),
  "it migrates": () => exists(join(dataDir, "runtime.json")),
  "its parts begin": (apiUrl) =>
    fetch(`${apiUrl}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
};

test.each(Object.entries(stages))(
  "a start that is ended while %s stops all of it, and ends by the signal",
  async (_, stage) => {
    const { ended, apiUrl } = await start();
    await until(() => stage(apiUrl));
    child?.kill("SIGTERM");
    expect(await ended).toEqual([null, "SIGTERM"]);
    expect(output).toContain("Stopping");
    expect(await scratch()).toEqual([]);
    await expectFree();
  },
);

test("what a start left that was killed while its cluster was made is gone after the next, which comes up", async () => {
  const first = await start();
  await until(async () => (await scratch()).length > 0);
  const left = await scratch();
  child?.kill("SIGKILL");
  await first.ended;
  expect(await scratch()).toEqual(left);
  const second = await start();
  await until(async () => output.includes("Tocsin is ready"));
  expect(await scratch()).toEqual([]);
  child?.kill("SIGTERM");
  expect(await second.ended).toEqual([null, "SIGTERM"]);
  await expectFree();
});
