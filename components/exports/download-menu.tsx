"use client";

import { ChevronDown } from "lucide-react";
import { useTranslations } from "next-intl";
import type { MouseEvent } from "react";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { later } from "#components/ui/later.ts";
import { useOpener } from "#components/ui/use-opener.ts";
import { DownloadProgress } from "./download-progress.tsx";
import type { Counted } from "./row-count.tsx";
import { useDownload } from "./use-download.ts";

const formats = later(() => import("./download-formats.tsx"));

type DownloadMenuProps = {
  href: string;
  /** How many rows the file will have; null when it could not be counted. Left out, nobody has. */
  rowCount?: Counted;
};

/**
 * The list as a file: one link for TSV, the other formats beside it. Plain links, which work without JavaScript and in a
 * tab of their own; a click on one is followed here, so that the person sees how far it is.
 */
export function DownloadMenu({ href, rowCount }: DownloadMenuProps) {
  const t = useTranslations("exports");
  const { download, start, stop } = useDownload();
  const { trigger, by, part } = useOpener(formats, "menu");
  const follow = (headLines: number) => (event: MouseEvent<HTMLAnchorElement>) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    // What is prevented closes no menu by itself.
    by.setOpen(false);
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
      <Button
        {...trigger}
        look="primary"
        aria-label={t("more")}
        className="rounded-l-none border-l border-on-brand/25 px-2"
      >
        <ChevronDown aria-hidden />
      </Button>
      {part !== undefined && <part.DownloadFormats {...{ by, href, follow, rowCount }} />}
      <DownloadProgress download={download} onStop={stop} />
    </span>
  );
}
