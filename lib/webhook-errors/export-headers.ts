import { rowCountHeader } from "#lib/row-count-header.ts";
import { toWallTime } from "#lib/time/wall-time.ts";
import type { ExportFormat } from "./error-export.ts";
import type { ErrorQuestion } from "./question.ts";

const contentTypes = {
  tsv: "text/tab-separated-values; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  jsonl: "application/x-ndjson; charset=utf-8",
} as const satisfies Record<ExportFormat, string>;

/**
 * The headers of a download. The file's name tells the channel, the range, in the zone of its times, and how many rows there
 * are: behind many proxies a file that breaks off arrives with a clean end.
 */
export function exportHeaders(
  { channelId, from, to }: Pick<ErrorQuestion, "channelId" | "from" | "to">,
  zone: string,
  { format, rowCount }: { format: ExportFormat; rowCount: number },
): Record<string, string> {
  const say = (at: Date) => toWallTime(at, zone).replaceAll(/[-:]/g, "");
  const name = `errors-${channelId.replace(/[^\w-]/g, "")}-${say(from)}-${say(to)}-${rowCount}-rows.${format}`;
  return {
    "content-type": contentTypes[format],
    [rowCountHeader]: String(rowCount),
    "content-disposition": `attachment; filename="${name}"`,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
}
