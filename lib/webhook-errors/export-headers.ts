import { fileHeaders, wallTimeInName } from "#lib/exports/file-headers.ts";
import type { ExportFormat } from "#lib/exports/schema.ts";
import type { ErrorQuestion } from "./question.ts";

/** The headers of a file of errors; its name tells the channel and the range, in the zone of its times (`fileHeaders`). */
export function exportHeaders(
  { channelId, from, to }: Pick<ErrorQuestion, "channelId" | "from" | "to">,
  zone: string,
  { format, rowCount }: { format: ExportFormat; rowCount: number },
): Record<string, string> {
  const say = (at: Date) => wallTimeInName(at, zone);
  return fileHeaders(`errors-${channelId}-${say(from)}-${say(to)}`, { zone, format, rowCount });
}
