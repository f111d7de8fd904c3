import { toWallTime } from "#lib/time/wall-time.ts";
import { rowCountHeader } from "./row-count-header.ts";
import type { ExportFormat } from "./schema.ts";

const contentTypes = {
  tsv: "text/tab-separated-values; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  jsonl: "application/x-ndjson; charset=utf-8",
} as const satisfies Record<ExportFormat, string>;

/**
 * The headers of a file. Its name tells what it is of (`name`), the zone of its times and of those in `name`, and how many rows
 * there are: behind many proxies a file that breaks off arrives with a clean end.
 */
export function fileHeaders(
  name: string,
  { zone, format, rowCount }: { zone: string; format: ExportFormat; rowCount: number },
): Record<string, string> {
  const place = zone.replace(/[^\w+-]/g, "-");
  const file = `${name.replace(/[^\w-]/g, "")}-${place}-${rowCount}-rows.${format}`;
  return {
    "content-type": contentTypes[format],
    [rowCountHeader]: String(rowCount),
    "content-disposition": `attachment; filename="${file}"`,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
}

/** A moment for the name of a file: `20261122T0000`. */
export const wallTimeInName = (at: Date, zone: string): string =>
  toWallTime(at, zone).replaceAll(/[-:]/g, "");
