"use client";

import { usePathname, useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { Dialog, DialogContent } from "#components/ui/dialog.tsx";
import { PaletteSearch } from "./palette-search.tsx";

/** What the palette opens; `onClosed` once the focus is free to go back to where it was. */
export function PaletteDialog({
  isOpen,
  setOpen,
  isOperator,
  onClosed,
}: {
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
  isOperator: boolean;
  onClosed: () => void;
}) {
  const t = useTranslations("lists.palette");
  const router = useRouter();
  const path = usePathname();
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogContent
        title={t("title")}
        onClosed={onClosed}
        className="top-[12vh] flex max-h-[76vh] w-[min(38rem,calc(100vw-1.5rem))] translate-y-0 flex-col overflow-hidden"
      >
        <PaletteSearch
          path={path}
          isOperator={isOperator}
          go={(href) => {
            setOpen(false);
            router.push(href);
          }}
        />
      </DialogContent>
    </Dialog>
  );
}
