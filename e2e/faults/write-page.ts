import { readFile, writeFile } from "node:fs/promises";
import { cpus, hostname, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

/** A row that was played. */
export type Seen = {
  name: string;
  group: string;
  done: string;
  expected: string;
  seen: string;
  holds: boolean;
};

const page = join(import.meta.dirname, "..", "..", "docs", "reliability.md");
const begin = "<!-- faults: written by npm run faults -- --doc -->";
const end = "<!-- end of faults -->";

/** Puts the table where the page has its place for it. */
export async function writePage(rows: readonly Seen[]): Promise<void> {
  const text = await readFile(page, "utf8");
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`${page} must have the lines ${begin} and ${end}`);
  }
  await writeFile(page, `${before}${begin}\n${tables(rows)}\n${end}${after}`);
}

function tables(rows: readonly Seen[]): string {
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  const right = rows.filter(({ holds }) => holds).length;
  const groups = [...new Set(rows.map(({ group }) => group))];
  return [
    `Seen on ${day} on ${machine}: ${right} of ${rows.length} as expected.`,
    ...groups.map((group) => {
      const lines = rows
        .filter((row) => row.group === group)
        .map(
          ({ name, done, expected, seen, holds }) =>
            `| \`${name}\` | ${cell(done)} | ${cell(expected)} | ${holds ? "" : "**no**: "}${cell(seen)} |`,
        );
      return [
        `### ${group}`,
        "| row | what is done | expected | seen |",
        "| --- | --- | --- | --- |",
        ...lines,
      ].join("\n");
    }),
  ].join("\n\n");
}

/** Without what is this run's own: its folders and its machine's name. */
const cell = (text: string): string =>
  text
    .replace(ownFolder, "(a folder)")
    .replaceAll(` on ${hostname()}`, "")
    .replaceAll("|", "\\|")
    .replaceAll("\n", " ");

const ownFolder = new RegExp(`${tmpdir()}/tocsin-[\\w/-]+`, "g");
