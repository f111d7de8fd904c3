import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { adoptPlace } from "#e2e/harness/place.ts";
import { signalAll, withDescendants } from "#e2e/harness/process-tree.ts";
import { beginProduct, type ProductStart } from "#e2e/harness/product-process.ts";
import { until } from "#e2e/harness/until.ts";
import { freePort } from "#e2e/servers/free-port.ts";
import { startEmbeddedDatabase } from "#prisma/embedded-database.ts";
import type { Fault } from "./fault.ts";
import {
  type Asked,
  ask,
  askWhole,
  begin,
  type Machine,
  openMachine,
  prepare,
  sceneOf,
} from "./machine.ts";
import { keepSending, send } from "./scene.ts";
import type { See } from "./see.ts";
import { seeAllIsWell } from "./see-all-is-well.ts";
import type { Stage } from "./stage.ts";

const run = promisify(execFile);

/** Kills what `find` says under load; the product must be whole again by itself. */
async function killPart(
  stage: Stage,
  see: See,
  {
    part,
    says,
    check,
  }: { part: string; says?: RegExp; check?: (machine: Machine) => Promise<void> },
): Promise<void> {
  const machine = await openMachine(stage);
  const load = keepSending(sceneOf(machine));
  await until("deliveries flow", () => machine.bot.arrivals.length > 20);
  const pids = await machine.product.find(part);
  see(pids.length > 0, `${pids.length} killed`);
  signalAll(pids, "SIGKILL");
  await until("it is there again", async () =>
    (await machine.product.find(part)).some((pid) => !pids.includes(pid)),
  );
  const before = load.accepted.size;
  await until("events are accepted", () => load.accepted.size > before + 10);
  await check?.(machine);
  await load.stop();
  await seeAllIsWell(see, machine, [...load.accepted.values()]);
  const said = machine.product
    .words()
    .split("\n")
    .find((line) => says?.test(line));
  if (says !== undefined) see(said !== undefined, said ?? "it logged nothing about it");
}

async function seeConsole(see: See, { product }: Machine): Promise<void> {
  await until(
    "the console answers",
    async () => (await ask(`${product.consoleUrl}/readyz`)) === 200,
  );
  see(true, "console /readyz 200");
}

function seeUnavailable(see: See, what: string, { status, retryAfter }: Asked): void {
  const words = retryAfter === null ? "no Retry-After" : `Retry-After ${retryAfter}`;
  see(status === 503 && retryAfter !== null, `${what}: ${status || "no answer"}, ${words}`);
}

/** A second start over the first one's folder, on ports of its own. */
async function startSecond(stage: Stage, see: See, within: readonly string[]): Promise<void> {
  const machine = await openMachine(stage);
  const { dataDir } = machine.given;
  for (const time of ["second", "third"]) {
    const [port, enginePort] = [await freePort(), await freePort()];
    // From the source, as users start it.
    const other = beginProduct({ dataDir, port, enginePort, within });
    stage.after(other.stop);
    const how = await Promise.race([
      other.ended,
      until("it has decided", () => other.words().includes("is ready")).then(
        () => "ready" as const,
      ),
    ]);
    const said = other
      .words()
      .split("\n")
      .find((line) => line.includes("already running") && line.includes(dataDir));
    const isRefused = how !== "ready" && how !== 0;
    see(
      isRefused && said !== undefined,
      `${time} start: exit ${how}; ${said?.trim() ?? "it does not say that Tocsin is already running there"}`,
    );
    await other.stop();
  }
  const accepted = await send(machine.client, machine.channelId, 20);
  await seeAllIsWell(see, machine, accepted);
}

export const machineFaults: readonly Fault[] = [
  {
    name: "second-start",
    done: "Tocsin is started twice more over a DATA_DIR that is in use",
    expected: "each start is refused and names the folder; the running Tocsin is not disturbed",
    isLong: true,
    run: (stage, see) => startSecond(stage, see, []),
  },
  {
    name: "second-start-container",
    done: "Tocsin is started twice more over a DATA_DIR that is in use, from another PID namespace, like a second container on one volume",
    expected: "each start is refused and names the folder; the running Tocsin is not disturbed",
    needsRoot: true,
    run: (stage, see) =>
      startSecond(stage, see, ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]),
  },
  {
    name: "embedded-database-killed",
    done: "the embedded PostgreSQL's main process is killed (SIGKILL) under load",
    expected:
      "Tocsin logs it and starts it again; console, API and worker keep working; nothing is lost",
    run: (stage, see) =>
      killPart(stage, see, {
        part: "postgres -D",
        says: /PostgreSQL stopped unexpectedly/,
        check: (machine) => seeConsole(see, machine),
      }),
  },
  {
    name: "embedded-database-broken",
    done: "the embedded PostgreSQL is killed and cannot start again (its pg_control is gone)",
    expected: "Tocsin tries eight times with growing pauses, then ends with an error code",
    isLong: true,
    run: async (stage, see) => {
      const { product, given } = await openMachine(stage);
      const pids = await product.find("postgres -D");
      await rm(join(given.dataDir, "postgres", "global", "pg_control"));
      signalAll(pids, "SIGKILL");
      await until(
        "it has ended",
        async () => (await Promise.race([product.ended, 0])) !== 0,
        300_000,
      );
      const how = await product.ended;
      const tries = product.words().match(/Starting it again in [\d.]+ s/g) ?? [];
      see(typeof how === "number" && how > 0, `exit ${how}`);
      see(new Set(tries).size > 3, `${tries.length} tries: ${[...new Set(tries)].join(", ")}`);
    },
  },
  {
    name: "console-killed",
    done: "the console is killed (SIGKILL) under load",
    expected: "it is started again; events are accepted and delivered",
    run: (stage, see) =>
      killPart(stage, see, {
        // As the process calls itself.
        part: "next-server",
        says: /console stopped unexpectedly/,
        check: (machine) => seeConsole(see, machine),
      }),
  },
  {
    name: "engine-killed",
    done: "API and worker of `npm start` are killed (SIGKILL) under load",
    expected: "both are started again; nothing is lost",
    isLong: true,
    run: (stage, see) =>
      killPart(stage, see, { part: "--role", says: /(api|worker 1) stopped unexpectedly/ }),
  },
  {
    name: "start-command-killed",
    done: "`npm start` is killed (SIGKILL) under load, then run again",
    expected:
      "its processes end with it; the next start works, and everything that was accepted is delivered",
    run: async (stage, see) => {
      const machine = await openMachine(stage);
      const load = keepSending(sceneOf(machine));
      await until("deliveries flow", () => machine.bot.arrivals.length > 20);
      const all = (await withDescendants(machine.product.pid)).slice(1);
      machine.product.signal("SIGKILL");
      await machine.product.ended;
      machine.product = await begin(stage, machine.given);
      const before = load.accepted.size;
      await until("events are accepted again", () => load.accepted.size > before + 10);
      await load.stop();
      const left = (await Promise.all(all.map(isThere))).filter((one) => one).length;
      see(left === 0, `${left} processes left of the first start`);
      const place = await adoptPlace(await machine.product.databaseUrl());
      stage.after(place.close);
      await seeAllIsWell(see, { ...machine, place }, [...load.accepted.values()]);
    },
  },
  {
    name: "stopped-in-order",
    done: "`npm start` gets SIGINT under load (one Ctrl-C)",
    expected:
      "everything ends within a minute, and nothing is left running; the next start delivers what was accepted",
    isLong: true,
    run: async (stage, see) => {
      const machine = await openMachine(stage);
      const load = keepSending(sceneOf(machine));
      await until("deliveries flow", () => machine.bot.arrivals.length > 20);
      const all = await withDescendants(machine.product.pid);
      machine.product.signal("SIGINT");
      const how = await machine.product.ended;
      see(how === "SIGINT", `ended by ${how}`);
      const left = (await Promise.all(all.map(isThere))).filter((one) => one).length;
      see(left === 0, `${left} processes left`);
      machine.product = await begin(stage, machine.given);
      await load.stop();
      const place = await adoptPlace(await machine.product.databaseUrl());
      stage.after(place.close);
      await seeAllIsWell(see, { ...machine, place }, [...load.accepted.values()]);
    },
  },
  {
    name: "console-without-database",
    done: "the embedded PostgreSQL is frozen (SIGSTOP); console and API are asked",
    expected:
      "console, its pages and the API answer 503 with Retry-After within 20 s; everything recovers",
    run: async (stage, see) => {
      const machine = await openMachine(stage);
      const { product } = machine;
      const [postmaster = 0] = await product.find("postgres -D");
      const pids = await withDescendants(postmaster);
      signalAll(pids, "SIGSTOP");
      stage.after(async () => signalAll(pids, "SIGCONT"));
      const [consoleReady, page, apiReady] = await Promise.all([
        askWhole(`${product.consoleUrl}/readyz`),
        askWhole(`${product.consoleUrl}/console`),
        askWhole(`${product.apiUrl}/readyz`),
      ]);
      seeUnavailable(see, "console /readyz", consoleReady);
      seeUnavailable(see, "a page", page);
      seeUnavailable(see, "API /readyz", apiReady);
      signalAll(pids, "SIGCONT");
      await seeConsole(see, machine);
      const accepted = await send(machine.client, machine.channelId, 10);
      await seeAllIsWell(see, machine, accepted);
    },
  },
  {
    name: "port-taken",
    done: "another program uses ENGINE_PORT",
    expected: "Tocsin refuses to start and names the variable",
    run: async (stage, see) => {
      const given = await prepare(stage);
      const server = createServer();
      await new Promise<void>((settle) => server.listen(given.enginePort, "0.0.0.0", settle));
      stage.after(async () => server.close());
      await seeStartRefused(stage, see, given, "ENGINE_PORT");
    },
  },
  {
    name: "data-dir-is-a-file",
    done: "DATA_DIR is a file",
    expected: "Tocsin refuses to start and names the path",
    isLong: true,
    run: async (stage, see) => {
      const given = await prepare(stage);
      const dataDir = join(given.dataDir, "file");
      await writeFile(dataDir, "");
      await seeStartRefused(stage, see, { ...given, dataDir }, dataDir);
    },
  },
  {
    name: "password-of-another",
    done: "the embedded PostgreSQL's password file is from another installation",
    expected: "Tocsin refuses to start and names the file",
    isLong: true,
    run: async (stage, see) => {
      const given = await prepare(stage);
      const first = await begin(stage, given);
      await first.stop();
      await writeFile(join(given.dataDir, "postgres-password"), "another-password");
      await seeStartRefused(stage, see, given, "postgres-password");
    },
  },
  {
    name: "encryption-key-of-another",
    done: "secrets.json is lost, and Tocsin starts with a new encryption key; then ENCRYPTION_KEYS_LOST names the old one",
    expected:
      "the first start is refused and names the key, and no webhook is tried; the second start works",
    run: async (stage, see) => {
      const { given, product, channelId, client, bot } = await openMachine(stage);
      bot.decide = () => null;
      await send(client, channelId, 3);
      await until("all have been tried", () => bot.arrivals.length >= 3);
      await product.stop();
      await rm(join(given.dataDir, "secrets.json"));
      const said = await seeStartRefused(stage, see, given, "ENCRYPTION_KEY");
      const cluster = await startEmbeddedDatabase({ dataDir: given.dataDir });
      const known = new pg.Client({ connectionString: cluster.url });
      await known.connect();
      const { rows } = await known.query(
        "select count(*)::int as n from webhook_attempts where reason = 'unclassified'",
      );
      await known.end();
      await cluster.stop();
      see(rows[0].n === 0, `${rows[0].n} attempts without the secret`);
      const name = /named ([0-9a-f]{8})/.exec(said)?.[1] ?? "";
      await begin(stage, { ...given, env: { ENCRYPTION_KEYS_LOST: name } });
      see(true, "with ENCRYPTION_KEYS_LOST it starts");
    },
  },
  {
    name: "machine-disk-full",
    done: "the disk of DATA_DIR is full for a while, under load",
    expected: "503 with Retry-After; everything recovers once there is space; nothing is lost",
    isLong: true,
    needsRoot: true,
    run: async (stage, see) => {
      const folder = await stage.newFolder();
      await run("mount", ["-t", "tmpfs", "-o", "size=500m,mode=0711", "tmpfs", folder]);
      stage.after(() => run("umount", ["-l", folder]));
      const machine = await openMachine(stage, folder);
      const load = keepSending(sceneOf(machine), { pauseMs: 2 });
      await until("deliveries flow", () => machine.bot.arrivals.length > 20);
      const filler = join(folder, "filler");
      const fill = () =>
        run("dd", ["if=/dev/zero", `of=${filler}`, "bs=4k", "oflag=append", "conv=notrunc"]).catch(
          () => undefined,
        );
      await until(
        "intake refuses",
        async () => {
          await fill();
          return (load.answers.get(503) ?? 0) > 20;
        },
        300_000,
      );
      await rm(filler);
      const before = load.accepted.size;
      await until("events are accepted again", () => load.accepted.size > before + 10, 300_000);
      await load.stop();
      see(load.withoutRetryAfter === 0, `503 without Retry-After: ${load.withoutRetryAfter}`);
      await seeAllIsWell(see, machine, [...load.accepted.values()]);
    },
  },
];

const isThere = async (pid: number): Promise<boolean> => {
  const { readFile } = await import("node:fs/promises");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // A zombie has ended; nobody has asked how.
  return stat !== "" && !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
};

async function seeStartRefused(
  stage: Stage,
  see: See,
  given: ProductStart,
  name: string,
): Promise<string> {
  const product = beginProduct(given);
  stage.after(product.stop);
  const how = await Promise.race([
    product.ended,
    until("it has decided", () => product.words().includes("is ready")).then(
      () => "ready" as const,
    ),
  ]);
  const said = product
    .words()
    .split("\n")
    .find((line) => line.includes(name));
  see(
    how !== "ready" && how !== 0 && said !== undefined,
    `exit ${how}; ${said?.trim() ?? product.words().slice(-300)}`,
  );
  await product.stop();
  return said ?? "";
}
