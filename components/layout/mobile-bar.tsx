"use client";

import { Menu } from "lucide-react";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogTrigger, SheetContent } from "#components/ui/dialog.tsx";
import { Link } from "#components/ui/link.tsx";
import { Logo } from "./logo.tsx";
import { PaletteLink } from "./palette.tsx";

/** The head of a small screen: the side bar waits behind a button. It closes when it has led somewhere. */
export function MobileBar({ children }: { children: ReactNode }) {
  const t = useTranslations("common");
  const path = usePathname();
  const [openedAt, setOpenedAt] = useState<string | null>(null);
  return (
    <header className="sticky top-0 z-30 flex items-center gap-2 border-b bg-sunk px-3 py-2 lg:hidden">
      <Dialog open={openedAt === path} onOpenChange={(open) => setOpenedAt(open ? path : null)}>
        <DialogTrigger asChild>
          <Button look="ghost" size="icon" aria-label={t("menu")}>
            <Menu aria-hidden />
          </Button>
        </DialogTrigger>
        <SheetContent title={t("menu")}>{children}</SheetContent>
      </Dialog>
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
