import { chmod, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "#e2e/servers/free-port.ts";
import { lockFile } from "#prisma/file-lock.ts";
import { startProduct } from "./product.ts";

let home: string;
let dataDir: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "tocsin-failed-"));
  await chmod(home, 0o711);
  dataDir = join(home, "data");
  await mkdir(dataDir);
});
afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

test("a start that fails while the database begins ends once that is stopped too", async () => {
  await writeFile(join(dataDir, "secrets.json"), "{");
  const [port, enginePort] = [await freePort(), await freePort()];
  const starting = startProduct({
    source: { DATA_DIR: dataDir, PORT: String(port), ENGINE_PORT: String(enginePort) },
    say: () => undefined,
    dev: true,
    embedded: { accountName: "nobody", shelterDir: join(home, "shelter") },
  });
  await expect(starting).rejects.toThrow("secrets.json is damaged");
  const cluster = await realpath(join(dataDir, "postgres"));
  // It was let come to its start, and is over: no process of it holds the cluster.
  expect((await readFile(join(cluster, "PG_VERSION"), "utf8")).trim()).toBe("18");
  await expect(stat(join(cluster, "postmaster.pid"))).rejects.toThrow("ENOENT");
  const lock = await lockFile(`${cluster}.lock`);
  expect(lock).not.toBeNull();
  await lock?.close();
});
