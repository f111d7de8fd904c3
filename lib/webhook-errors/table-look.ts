import { type ErrorColumn, errorColumnIds, errorColumns } from "./schema.ts";

type HideableColumn = {
  [Id in ErrorColumn]: (typeof errorColumns)[Id]["canHide"] extends true ? Id : never;
}[ErrorColumn];

/** Columns of the list that a person may hide; the others always stand. */
export const hideableColumns: readonly HideableColumn[] = errorColumnIds.filter(
  (id): id is HideableColumn => errorColumns[id].canHide,
);
export const tableLookCookie = "tocsin.errors-table";

export type ErrorsTableLook = {
  hidden: readonly HideableColumn[];
  density: "comfortable" | "compact";
};

/** What the cookie remembers of the list's look: the density, then the hidden columns. Anything else is the default. */
export function parseTableLook(cookie: string | undefined): ErrorsTableLook {
  const words = (cookie ?? "").split(".");
  return {
    hidden: hideableColumns.filter((column) => words.includes(column)),
    density: words.includes("compact") ? "compact" : "comfortable",
  };
}
