import type { Pool } from "pg";
import { type CopyOptions, streamCopies } from "#lib/copy-stream.ts";
import { copyByDate, copyByErrors } from "./copy-rows.ts";
import type { ErrorExport, ExportFormat } from "./error-export.ts";
import { errorColumnIds, errorColumns } from "./schema.ts";

const headWith = (separator: string): string =>
  `${errorColumnIds.map((id) => errorColumns[id].fileHead).join(separator)}\n`;

const head = {
  tsv: headWith("\t"),
  csv: headWith(","),
  jsonl: "",
} as const satisfies Record<ExportFormat, string>;

/**
 * The counted rows as UTF-8 text, each once, in the order of the list: rows that were there when the file was begun are all
 * in it, those of later minutes are not. Counts are as of when their part of the file was read (sorted by errors: as of its
 * beginning). Streamed as `streamCopies` says. Cells that a spreadsheet would take for a formula begin with an apostrophe
 * (`safeCell`).
 */
export function streamErrors(
  pool: Pool,
  wanted: ErrorExport,
  options?: CopyOptions,
): Promise<ReadableStream<Uint8Array>> {
  return streamCopies(
    pool,
    async function* (connection) {
      yield Buffer.from(head[wanted.format]);
      yield* wanted.sort === "errors"
        ? copyByErrors(connection, wanted)
        : copyByDate(connection, wanted);
    },
    options,
  );
}
