/** Columns of the list that a person may hide; the others always stand. */
export const hideableColumns = ["date", "end", "reason", "detail"] as const;
export const tableLookCookie = "tocsin.errors-table";

export type ErrorsTableLook = {
  hidden: readonly (typeof hideableColumns)[number][];
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

export function formatTableLook({ hidden, density }: ErrorsTableLook): string {
  return [density, ...hidden].join(".");
}
