"use client";

import { ChevronDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { type MouseEvent, Suspense, useState } from "react";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "#components/ui/dropdown-menu.tsx";
import { DownloadProgress } from "./download-progress.tsx";
import { RowCount } from "./row-count.tsx";
import { useDownload } from "./use-download.ts";

type DownloadMenuProps = {
  href: string;
  /** How many rows the file will have; null when it could not be counted. Left out, nobody has. */
  rowCount?: Promise<number | null>;
};

/**
 * The list as a file: one link for TSV, the other formats beside it. Plain links, which work without JavaScript and in a
 * tab of their own; a click on one is followed here, so that the person sees how far it is.
 */
export function DownloadMenu({ href, rowCount }: DownloadMenuProps) {
  const t = useTranslations("exports");
  const { download, start, stop } = useDownload();
  const [isOpen, setOpen] = useState(false);
  const inFormat = (format: string) => `${href}${href.includes("?") ? "&" : "?"}format=${format}`;
  const follow = (headLines: number) => (event: MouseEvent<HTMLAnchorElement>) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    // What is prevented closes no menu by itself.
    setOpen(false);
    void start(event.currentTarget.href, headLines);
  };
  return (
    <span className="inline-flex">
      <a
        href={href}
        download
        onClick={follow(1)}
        className={cn(buttonClass({ look: "primary" }), "rounded-r-none")}
      >
        {t("tsv")}
      </a>
      <DropdownMenu open={isOpen} onOpenChange={setOpen}>
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
        </DropdownMenuContent>
      </DropdownMenu>
      <DownloadProgress download={download} onStop={stop} />
    </span>
  );
}
