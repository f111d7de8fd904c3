"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, use } from "react";

/** How many rows the list and its files have; suspends until they are counted. `children` when they could not be. */
export function RowCount({
  rowCount,
  children = null,
}: {
  rowCount: Promise<number | null>;
  children?: ReactNode;
}) {
  const t = useTranslations("exports");
  const count = use(rowCount);
  return count === null ? children : t("rows", { count });
}
