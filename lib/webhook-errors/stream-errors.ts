import type { Pool } from "pg";
import {
  type CopyOptions,
  type CountedFile,
  type SettledFile,
  streamCounted,
} from "#lib/copy-stream.ts";
import { headLine } from "#lib/exports/copy-lines.ts";
import { fileColumns } from "./column-sql.ts";
import { settleRows } from "./copy-rows.ts";
import type { ErrorExport } from "./error-export.ts";

const head = (wanted: ErrorExport): Uint8Array =>
  headLine(
    wanted.format,
    fileColumns(wanted).map((column) => column.head),
  );

/**
 * The counted rows as UTF-8 text, each once, in the order of the list: rows that were there when the file was begun are all
 * in it, those of later minutes are not. Counts are as of when their part of the file was read (sorted by errors: as of its
 * beginning). Streamed as `streamCopies` says. Cells that a spreadsheet would take for a formula begin with an apostrophe
 * (`safeCell`). `rowCount` is how many rows there are as it begins: a file with fewer has broken off. By date it can come to a few
 * more, of errors that were recorded meanwhile and happened before.
 */
export function streamErrors(
  pool: Pool,
  wanted: ErrorExport,
  options?: CopyOptions,
): Promise<CountedFile> {
  return streamCounted(
    pool,
    async (connection) => {
      const { rowCount, pieces } = await settleRows(connection, wanted);
      return { rowCount, pieces: withHead(head(wanted), pieces) };
    },
    options,
  );
}

async function* withHead(
  line: Uint8Array,
  pieces: SettledFile["pieces"],
): AsyncGenerator<Uint8Array, void, undefined> {
  yield line;
  yield* pieces;
}
