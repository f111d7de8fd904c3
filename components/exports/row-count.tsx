"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, use } from "react";

/** So many rows; null when they could not be counted. */
export type Counted = number | null | Promise<number | null>;

/** How many rows the list and its files have; suspends until they are counted. `children` when they could not be. */
export function RowCount({
  rowCount,
  children = null,
}: {
  rowCount: Counted;
  children?: ReactNode;
}) {
  const t = useTranslations("exports");
  const count = typeof rowCount === "object" && rowCount !== null ? use(rowCount) : rowCount;
  return count === null ? children : t("rows", { count });
}
