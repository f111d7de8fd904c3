"use client";

import { useTranslations } from "next-intl";
import { type MouseEvent, Suspense } from "react";
import {
  DropdownMenu,
  DropdownMenuItem,
  DropdownMenuLabel,
} from "#components/ui/dropdown-menu.tsx";
import type { OpenedBy } from "#components/ui/use-opener.ts";
import { type Counted, RowCount } from "./row-count.tsx";

/** The formats beside TSV, and how many rows each file will have. */
export function DownloadFormats({
  by,
  href,
  follow,
  rowCount,
}: {
  by: OpenedBy;
  /** Of the TSV. */
  href: string;
  /** What follows a click, given how many lines the file's head has. */
  follow: (headLines: number) => (event: MouseEvent<HTMLAnchorElement>) => void;
  rowCount: Counted | undefined;
}) {
  const t = useTranslations("exports");
  const inFormat = (format: string) => `${href}${href.includes("?") ? "&" : "?"}format=${format}`;
  return (
    <DropdownMenu by={by} align="end">
      <DropdownMenuLabel>
        {rowCount === undefined ? (
          t("title")
        ) : (
          <Suspense fallback="…">
            <RowCount rowCount={rowCount}>{t("title")}</RowCount>
          </Suspense>
        )}
      </DropdownMenuLabel>
      <DropdownMenuItem asChild>
        <a href={inFormat("csv")} download onClick={follow(1)}>
          {t("csv")}
        </a>
      </DropdownMenuItem>
      <DropdownMenuItem asChild>
        <a href={inFormat("jsonl")} download onClick={follow(0)}>
          {t("jsonl")}
        </a>
      </DropdownMenuItem>
    </DropdownMenu>
  );
}
