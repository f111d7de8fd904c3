"use client";

import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { createContext, type ReactNode, use, useEffect, useRef, useState } from "react";
import { cn } from "#components/ui/cn.ts";
import { later, useLater } from "#components/ui/later.ts";

const dialog = later(() => import("./palette-dialog.tsx"));

type Opening = { open: () => void; isComing: boolean };
const OpenPalette = createContext<Opening>({ open: () => undefined, isComing: false });

/** The search over channels, providers and pages, for all that opens it: what is pressed within `children`, and Ctrl K (⌘ K). */
export function Palette({ isOperator, children }: { isOperator: boolean; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const [wasOpen, setWasOpen] = useState(false);
  // Ctrl K has no trigger to go back to: the focus goes to where it was.
  const before = useRef<Element | null>(null);
  const open = () => {
    before.current = document.activeElement;
    setOpen(true);
  };
  useEffect(() => {
    if (isOpen) setWasOpen(true);
  }, [isOpen]);
  const part = useLater(dialog, isOpen, () => setOpen(false));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isAsked = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (!isAsked || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      if (isOpen) setOpen(false);
      else {
        before.current = document.activeElement;
        setOpen(true);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [isOpen]);
  return (
    <OpenPalette value={{ open, isComing: isOpen && part === undefined }}>
      {children}
      {part !== undefined && (isOpen || wasOpen) && (
        <part.PaletteDialog
          {...{ isOpen, setOpen, isOperator }}
          onClosed={() => {
            if (before.current instanceof HTMLElement) before.current.focus();
          }}
        />
      )}
    </OpenPalette>
  );
}

/** Opens the palette. Without a script it leads to the list of channels, which searches too. */
export function PaletteLink({ className }: { className?: string }) {
  const t = useTranslations("lists.palette");
  const { open, isComing } = use(OpenPalette);
  return (
    <a
      href="/console/channels"
      aria-haspopup="dialog"
      aria-busy={isComing || undefined}
      aria-keyshortcuts="Control+K Meta+K"
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        open();
      }}
      className={cn(
        "flex min-h-9 items-center gap-2 rounded-control border border-edge bg-surface px-2.5 text-dim hover:text-ink",
        className,
      )}
    >
      <Search className="size-4 shrink-0" aria-hidden />
      <span className="grow">{t("open")}</span>
      <kbd className="hidden font-sans text-xs sm:inline" aria-hidden>
        Ctrl K
      </kbd>
    </a>
  );
}
