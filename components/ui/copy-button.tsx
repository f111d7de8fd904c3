"use client";

import { Check, Copy, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { type MouseEvent, useState } from "react";
import { Button } from "./button.tsx";
import { cn } from "./cn.ts";
import { copyText } from "./copy-text.ts";

type Props = {
  /** Null: the text of the nearest box around the button, as it stands there. An address is made whole. */
  text: string | null;
  /** Names the copied thing for screen readers: "Copy Channel ID". */
  what: string;
  className?: string;
};

type Outcome = "copied" | "copyFailed";
const icons = { copied: Check, copyFailed: TriangleAlert } as const;

/** Copies, and says so to screen readers too. Not there for browsers that run no script. */
export function CopyButton({ text, what, className }: Props) {
  const t = useTranslations("common");
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const Icon = outcome === null ? Copy : icons[outcome];
  const copy = async ({ currentTarget }: MouseEvent<HTMLButtonElement>) => {
    const found = text ?? currentTarget.closest("[data-copied]")?.querySelector("pre")?.textContent;
    const isCopied = await copyText(wholeAddress(found ?? ""));
    setOutcome(isCopied ? "copied" : "copyFailed");
  };
  return (
    <>
      <Button
        look="ghost"
        size="sm"
        aria-label={t("copyWhat", { what })}
        title={outcome === null ? t("copyWhat", { what }) : t(outcome)}
        onClick={copy}
        onBlur={() => setOutcome(null)}
        className={cn("noscript:hidden", outcome === "copyFailed" && "text-warn", className)}
      >
        <Icon aria-hidden />
      </Button>
      <span aria-live="polite" className="sr-only">
        {outcome !== null && t(outcome)}
      </span>
    </>
  );
}

/** A path of the console as others can open it. */
const wholeAddress = (text: string): string =>
  text.startsWith("/console/") ? new URL(text, window.location.origin).href : text;
