import { refuseNotUnderstood } from "#lib/not-understood.ts";

/** What a list can be taken out as. */
export const exportFormats = ["tsv", "csv", "jsonl"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The format that an address asks for; TSV where it names none. @throws AppError invalid for one that there is not. */
export function parseExportFormat(asked: string | null): ExportFormat {
  const format = exportFormats.find((one) => one === asked);
  if (format === undefined && asked) refuseNotUnderstood([{ name: "format", value: asked }]);
  return format ?? "tsv";
}
