/** Columns of the list that a person may hide; time and state always stand. */
export const hideableColumns = [
  "events",
  "attempts",
  "reason",
  "statusCode",
  "answerMs",
  "likelyCause",
  "then",
  "id",
] as const;
type HideableColumn = (typeof hideableColumns)[number];

export const deliveriesLookCookie = "tocsin.deliveries-table";

export type DeliveriesTableLook = {
  hidden: readonly HideableColumn[];
  density: "comfortable" | "compact";
};

/** What a webhook's own page tells anyway. */
const hiddenAtFirst: DeliveriesTableLook = {
  hidden: ["likelyCause", "id"],
  density: "comfortable",
};

/** What the cookie remembers of the list's look: the density, then the hidden columns. */
export function parseDeliveriesLook(cookie: string | undefined): DeliveriesTableLook {
  if (cookie === undefined) return hiddenAtFirst;
  const words = cookie.split(".");
  return {
    hidden: hideableColumns.filter((column) => words.includes(column)),
    density: words.includes("compact") ? "compact" : "comfortable",
  };
}
