import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { allFaults } from "./all.ts";
import { type Seen, withRows } from "./page.ts";

const path = join(import.meta.dirname, "..", "..", "docs", "reliability.md");

/** Puts what was seen of these rows into the table of docs/reliability.md. */
export async function writePage(played: readonly Omit<Seen, "day">[]): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  const rows = played.map((row) => ({ ...row, day }));
  await writeFile(path, withRows(await readFile(path, "utf8"), allFaults, rows, machine));
}
