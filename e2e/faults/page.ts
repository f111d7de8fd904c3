import { hostname, tmpdir } from "node:os";
import type { GroupedFault } from "./all.ts";

/** What was seen of a row, and on which day. */
export type Seen = { name: string; seen: string; holds: boolean; day: string };

type Row = Pick<GroupedFault, "name" | "group" | "done" | "expected">;

const begin = "<!-- faults: written by npm run faults -- --doc -->";
const end = "<!-- end of faults -->";
const machineLine = /^Seen on (.+):/m;

/**
 * The text of docs/reliability.md with these rows in its table. Rows that were not played keep what was seen of them before; rows
 * that are gone from `faults` go. What is done and expected is written as it stands in `faults`.
 * @throws Error when the table has rows of another machine that would stay.
 */
export function withRows(
  text: string,
  faults: readonly Row[],
  played: readonly Seen[],
  machine: string,
): string {
  const { before, table, after } = cut(text);
  const known = new Map(readRows(table).map((row) => [row.name, row]));
  for (const row of played) known.set(row.name, row);
  const names = new Set(played.map(({ name }) => name));
  const others = faults.filter(({ name }) => known.has(name) && !names.has(name));
  const written = machineLine.exec(table)?.[1];
  if (others.length > 0 && written !== machine)
    throw new Error(`the table is of another machine (${written}): play all rows`);
  const rows = faults.flatMap((fault) => {
    const row = known.get(fault.name);
    return row === undefined ? [] : [{ ...fault, ...row }];
  });
  return `${before}${begin}\n${writeTable(rows, machine)}\n${end}${after}`;
}

/** The rows that the page has. */
export const rowsOf = (text: string): Seen[] => readRows(cut(text).table);

function cut(text: string): { before: string; table: string; after: string } {
  const [before, rest] = text.split(begin);
  const [table, after] = rest?.split(end) ?? [];
  if (before === undefined || table === undefined || after === undefined) {
    throw new Error(`docs/reliability.md must have the lines ${begin} and ${end}`);
  }
  return { before, table, after };
}

const failed = "**no**: ";

function readRows(table: string): Seen[] {
  return table.split("\n").flatMap((line) => {
    const [, name, , , seen, day] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    if (name === undefined || seen === undefined || !/^`.+`$/.test(name)) return [];
    return [
      {
        name: name.slice(1, -1),
        seen: seen.replace(failed, "").replaceAll("\\|", "|"),
        holds: !seen.startsWith(failed),
        day: day ?? "",
      },
    ];
  });
}

function writeTable(rows: readonly (Row & Seen)[], machine: string): string {
  const right = rows.filter(({ holds }) => holds).length;
  const groups = [...new Set(rows.map(({ group }) => group))];
  return [
    `Seen on ${machine}: ${right} of ${rows.length} as expected.`,
    ...groups.map((group) =>
      [
        `### ${group}`,
        "| row | fault | expected | seen | on |",
        "| --- | --- | --- | --- | --- |",
        ...rows.filter((row) => row.group === group).map(writeRow),
      ].join("\n"),
    ),
  ].join("\n\n");
}

const writeRow = ({ name, done, expected, seen, holds, day }: Row & Seen): string =>
  `| \`${name}\` | ${cell(done)} | ${cell(expected)} | ${holds ? "" : failed}${cell(seen)} | ${day} |`;

/** Without what is this run's own: its folders, its machine's name, numbers of processes. */
const cell = (text: string): string =>
  text
    .replace(ownFolder, "(a folder)")
    .replace(/ \(process \d+(?: on [^,)]+)?, since [^)]+\)/g, "")
    .replaceAll(` on ${hostname()}`, "")
    .replaceAll("|", "\\|")
    .replaceAll("\n", " ");

const ownFolder = new RegExp(`${tmpdir()}/tocsin-[\\w/-]+`, "g");
