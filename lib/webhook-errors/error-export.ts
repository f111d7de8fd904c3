import type { ExportFormat } from "#lib/exports/schema.ts";
import type { Prisma } from "#prisma/generated/client.ts";
import type { ErrorFilter } from "./filter.ts";
import type { ErrorQuestion } from "./question.ts";

export type ErrorExport = {
  question: ErrorQuestion;
  zone: string;
  sort: ErrorFilter["sort"];
  order: ErrorFilter["order"];
  format: ExportFormat;
};

/** Which rows, and in which order, a part of a file has. `source` goes by the name of error_rows. */
export type RowsOfFile = {
  source: Prisma.Sql;
  asked: Prisma.Sql;
  order: Prisma.Sql;
  /** The time that they are of, where that is one stretch. */
  window: { from: Date; to: Date } | null;
};
