"use client";

import { SlidersHorizontal } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import { later } from "#components/ui/later.ts";
import { useOpener } from "#components/ui/use-opener.ts";
import type { Look } from "./columns-choices.tsx";

const choices = later(() => import("./columns-choices.tsx"));
const yearSeconds = 31_536_000;

/** Which columns stand and how closely; remembered in a cookie, so that the server draws it so the next time. */
export function ColumnsMenu<Id extends string>({
  columns,
  look,
  cookie,
  onLook,
}: {
  /** Those that can be hidden. */
  columns: readonly { id: Id; label: string }[];
  look: Look<Id>;
  cookie: string;
  onLook: (look: Look<Id>) => void;
}) {
  const t = useTranslations("webhook-errors.table");
  const change = (next: Look<Id>) => {
    onLook(next);
    const value = [next.density, ...next.hidden].join(".");
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet.
    document.cookie = `${cookie}=${value}; path=/console; max-age=${yearSeconds}; samesite=lax`;
  };
  const { trigger, by, part } = useOpener(choices, "menu");
  return (
    <>
      <Button {...trigger} look="ghost" size="sm">
        <SlidersHorizontal aria-hidden />
        {t("view")}
      </Button>
      {part !== undefined && (
        <part.ColumnsChoices by={by} columns={columns} look={look} onLook={change} />
      )}
    </>
  );
}
