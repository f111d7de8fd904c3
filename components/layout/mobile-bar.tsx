"use client";

import { Menu } from "lucide-react";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { later } from "#components/ui/later.ts";
import { Link } from "#components/ui/link.tsx";
import { useOpener } from "#components/ui/use-opener.ts";
import { Logo } from "./logo.tsx";
import { PaletteLink } from "./palette.tsx";

const sheet = later(() => import("./mobile-sheet.tsx"));

/** The head of a small screen: the side bar waits behind a button. It closes when it has led somewhere. */
export function MobileBar({ children }: { children: ReactNode }) {
  const t = useTranslations("common");
  const path = usePathname();
  const [openedAt, setOpenedAt] = useState<string | null>(null);
  const { trigger, by, part } = useOpener(sheet, "dialog", {
    isOpen: openedAt === path,
    setOpen: (isOpen) => setOpenedAt(isOpen ? path : null),
  });
  return (
    <header className="sticky top-0 z-30 flex items-center gap-2 border-b bg-sunk px-3 py-2 lg:hidden">
      <Button {...trigger} look="ghost" size="icon" aria-label={t("menu")}>
        <Menu aria-hidden />
      </Button>
      {part !== undefined && (
        <part.MobileSheet by={by} title={t("menu")}>
          {children}
        </part.MobileSheet>
      )}
      <Link
        prefetch={false}
        href="/console"
        className="flex items-center gap-2 rounded-control text-lg font-semibold"
      >
        <Logo className="size-6 text-brand" />
        {t("product")}
      </Link>
      <PaletteLink className="ml-auto" />
    </header>
  );
}
