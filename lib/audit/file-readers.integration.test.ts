import { execFileSync, spawnSync } from "node:child_process";
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { from as copyFrom } from "pg-copy-streams";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { safeCell } from "#lib/exports/safe-cell.ts";
import type { ExportFormat } from "#lib/exports/schema.ts";
import { actorOf, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { recordAudit } from "./record-audit.ts";
import { parseAuditSearch } from "./search.ts";
import { exportAudit } from "./stream-audit.ts";

// Programs that people read files with get the cells that were written. An audit log has the worst of all: JSON, and whatever
// people and browsers call themselves.

const names = [
  'a "quoted" name',
  '"begins quoted"',
  "it's, with a comma",
  "tab\there",
  "line\nend\r\n",
  "next\u0085line",
  "line\u2028separator",
  "paragraph\u2029separator",
  "=HYPERLINK(1)",
  "back\\slash\\N\\.",
  "\\.",
  "😀 失敗",
];

let database: Database;
let folder: string;
const files = new Map<ExportFormat, string>();

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "tocsin-files-"));
  const { db } = database;
  const place = { kind: "channel", id: "12" } as const;
  for (const name of names) {
    await recordAudit(db, {
      actor: actorOf({ id: "019b0000-0000-7000-8000-000000000001", name }),
      channelId: "12",
      action: "channel_edited",
      before: { name, description: null },
      after: { name: `${name}"`, description: `{"${name}": [1]}` },
    });
  }
  const reader = actorOf(await createUser(db));
  const search = parseAuditSearch({ action: "channel_edited" });
  for (const format of ["tsv", "csv", "jsonl"] as const) {
    const wanted = { place, search, timeZone: "Asia/Tokyo", format };
    const { stream } = await exportAudit(database, reader, wanted);
    const path = join(folder, `audit.${format}`);
    writeFileSync(path, await new Response(stream).bytes());
    files.set(format, path);
  }
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  await database.close();
});

const fileOf = (format: ExportFormat): string => files.get(format) ?? "";
const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: "utf8" });
const has = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;

type Cells = Record<string, unknown>;
type Reader = { needs: string; read: (format: "tsv" | "csv") => Cells[] };

const python = `
import csv, json, sys
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    print(json.dumps(list(csv.DictReader(file, delimiter=sys.argv[2], strict=True))))`;

const readers: Record<string, Reader> = {
  "Python's csv": {
    needs: "python3",
    read: (format) =>
      JSON.parse(run("python3", "-c", python, fileOf(format), format === "tsv" ? "\t" : ",")),
  },
  "Miller (mlr)": {
    needs: "mlr",
    read: (format) =>
      JSON.parse(
        run(
          ...(["mlr", "--icsv", "--ojson", "-S"] as const),
          ...["--ifs", format === "tsv" ? "tab" : "comma", "cat", fileOf(format)],
        ),
      ),
  },
};

const written = [...names].reverse();
/** JSON keeps what is written by its number there; the rest becomes a space, as in every cell. */
const inJson = (name: string): string => name.replaceAll(/[\u0085\u2028\u2029]/g, " ");

const expectWritten = (rows: readonly Cells[]): void => {
  expect(rows.map((row) => row.Actor)).toEqual(written.map(safeCell));
  expect(rows.map((row) => JSON.parse(String(row.Before)))).toEqual(
    written.map((name) => ({ name: inJson(name), description: null })),
  );
  expect(new Set(rows.map((row) => row.Offset))).toEqual(new Set(["+09:00"]));
};

describe.each(["tsv", "csv"] as const)("a file as %s", (format) => {
  for (const [name, { needs, read }] of Object.entries(readers)) {
    test.skipIf(!has(needs))(`is read by ${name}`, () => expectWritten(read(format)));
  }

  test("is read by PostgreSQL", async () => {
    const client = await database.pool.connect();
    try {
      const [head = ""] = readFileSync(fileOf(format), "utf8").split("\n", 1);
      const columns = head.split(format === "tsv" ? "\t" : ",").map((name) => `"${name}"`);
      await client.query(
        `create temporary table back (nth int generated always as identity, ${columns.map((name) => `${name} text`).join(", ")})`,
      );
      const delimiter = format === "tsv" ? "E'\\t'" : "','";
      const options = `format csv, header match, delimiter ${delimiter}`;
      const copy = client.query(copyFrom(`copy back (${columns}) from stdin with (${options})`));
      await pipeline(createReadStream(fileOf(format)), copy);
      expectWritten((await client.query<Cells>("select * from back order by nth")).rows);
    } finally {
      await client.query("drop table if exists back");
      client.release();
    }
  });
});

test("each line of JSON Lines is one for programs that know more line ends, and holds what was kept", () => {
  const lines = run(
    ...(["python3", "-c"] as const),
    "import sys; print(len(open(sys.argv[1], newline='', encoding='utf-8').read().splitlines()))",
    fileOf("jsonl"),
  );
  expect(Number(lines)).toBe(names.length);
  const entries = readFileSync(fileOf("jsonl"), "utf8").trimEnd().split("\n");
  expect(entries.map((line) => JSON.parse(line))).toMatchObject(
    written.map((name) => ({ actor: name, before: { name, description: null } })),
  );
});
