"use client";

import { ChevronDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { Suspense, use } from "react";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "#components/ui/dropdown-menu.tsx";

type DownloadMenuProps = {
  href: string;
  /** How many rows the file will have; null when it could not be counted. */
  rowCount: Promise<number | null>;
};

/** The list as a file: one link for TSV, the other formats beside it. Plain links, so the browser saves as it streams. */
export function DownloadMenu({ href, rowCount }: DownloadMenuProps) {
  const t = useTranslations("webhook-errors.download");
  const inFormat = (format: string) => `${href}${href.includes("?") ? "&" : "?"}format=${format}`;
  return (
    <span className="inline-flex">
      <a href={href} download className={cn(buttonClass({ look: "primary" }), "rounded-r-none")}>
        {t("tsv")}
      </a>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            look="primary"
            aria-label={t("more")}
            className="rounded-l-none border-l border-on-brand/25 px-2"
          >
            <ChevronDown aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuLabel>
            <Suspense fallback="…">
              <RowCount rowCount={rowCount} />
            </Suspense>
          </DropdownMenuLabel>
          <DropdownMenuItem asChild>
            <a href={inFormat("csv")} download>
              {t("csv")}
            </a>
          </DropdownMenuItem>
          <DropdownMenuItem asChild>
            <a href={inFormat("jsonl")} download>
              {t("jsonl")}
            </a>
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
    </span>
  );
}

function RowCount({ rowCount }: Pick<DownloadMenuProps, "rowCount">) {
  const t = useTranslations("webhook-errors.download");
  const count = use(rowCount);
  return count === null ? t("title") : t("rows", { count });
}
