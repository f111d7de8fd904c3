/** What a list can be taken out as. */
export const exportFormats = ["tsv", "csv", "jsonl"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The format that an address asks for; TSV where it names none that there is. */
export const parseExportFormat = (asked: unknown): ExportFormat =>
  exportFormats.find((one) => one === asked) ?? "tsv";
