import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "#e2e/servers/free-port.ts";
import { projectDir } from "./project-dir.ts";

let home: string;
let dataDir: string;
const ends: (() => Promise<void>)[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "tocsin-second-"));
  await chmod(home, 0o711);
  dataDir = join(home, "data");
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
});

/** Where the machine lets us, as in a container of its own over the same volume. */
const elsewhere = ["unshare", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc"];
const mayUnshare = spawnSync("unshare", [...elsewhere.slice(1), "true"]).status === 0;

/** What a product does before it builds: takes the folder and runs the database. Resolves with the URL. */
async function startFirst(): Promise<string> {
  const script = `
    import { lockDataDir } from "#engine/start/data-dir-lock.ts";
    import { runDatabase } from "#engine/start/database-part.ts";
    const [dataDir, shelterDir] = process.argv.slice(1);
    await lockDataDir(dataDir);
    const database = await runDatabase({
      dataDir, shelterDir, accountName: "nobody", port: 0, say: console.error, settings: ["shared_buffers=16MB"],
    });
    process.once("SIGTERM", () => void database.stop().then(() => process.exit()));
    console.log(database.url);`;
  const [program = "", ...args] = [
    ...(mayUnshare ? elsewhere : []),
    process.execPath,
    ...["--import", "tsx", "--input-type=module", "--eval", script, dataDir, join(home, "shelter")],
  ];
  const child = spawn(program, args, { cwd: projectDir, stdio: ["ignore", "pipe", "inherit"] });
  ends.push(async () => {
    const ended = once(child, "exit");
    child.kill(mayUnshare ? "SIGKILL" : "SIGTERM");
    await ended;
  });
  const [said] = await once(child.stdout, "data");
  return String(said).trim();
}

/** The start command itself, as a person or a supervisor gives it. */
async function startSecond(): Promise<{ code: number | null; output: string }> {
  const [port, enginePort] = [await freePort(), await freePort()];
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(projectDir, "engine/start/main.ts")],
    {
      cwd: projectDir,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        NODE_ENV: "production",
        PATH: "/usr/bin:/bin",
        DATA_DIR: dataDir,
        PORT: String(port),
        ENGINE_PORT: String(enginePort),
      },
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const late = setTimeout(() => child.kill("SIGKILL"), 120_000);
  const [code] = await once(child, "close");
  clearTimeout(late);
  return { code, output };
}

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

test("of two products over one folder the second is refused in words, and what the first acknowledges stays", async () => {
  const url = await startFirst();
  await ask(url, "create table kept as select 1 as acknowledged");
  const lock = await readFile(join(dataDir, "tocsin.lock"), "utf8");
  // Twice: what a refused start did to the first's lock would let the next one in.
  for (let tries = 2; tries <= 3; tries += 1) {
    const { code, output } = await startSecond();
    expect(output).toContain(`Tocsin is already running on ${dataDir} (process `);
    expect(output).toContain("stop it first, or set DATA_DIR to another folder.");
    expect(output).not.toContain("    at ");
    expect(code).toBe(1);
    await ask(url, `insert into kept values (${tries})`);
  }
  expect(await readFile(join(dataDir, "tocsin.lock"), "utf8")).toBe(lock);
  expect(await ask(url, "select count(*)::int as count from kept")).toEqual([{ count: 3 }]);
});
