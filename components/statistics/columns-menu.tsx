"use client";

import { SlidersHorizontal } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuTrigger,
} from "#components/ui/dropdown-menu.tsx";

const yearSeconds = 31_536_000;

type Look<Id extends string> = { hidden: readonly Id[]; density: "comfortable" | "compact" };

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
  const toggle = (id: Id, shown: boolean) =>
    change({
      ...look,
      hidden: shown ? look.hidden.filter((one) => one !== id) : [...look.hidden, id],
    });
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button look="ghost" size="sm">
          <SlidersHorizontal aria-hidden />
          {t("view")}
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuLabel>{t("columns")}</DropdownMenuLabel>
        {columns.map(({ id, label }) => (
          <DropdownMenuCheckboxItem
            key={id}
            checked={!look.hidden.includes(id)}
            onCheckedChange={(shown) => toggle(id, shown)}
            onSelect={(event) => event.preventDefault()}
          >
            {label}
          </DropdownMenuCheckboxItem>
        ))}
        <DropdownMenuLabel>{t("density")}</DropdownMenuLabel>
        <DropdownMenuRadioGroup
          value={look.density}
          onValueChange={(density) =>
            change({ ...look, density: density === "compact" ? "compact" : "comfortable" })
          }
        >
          <DropdownMenuRadioItem value="comfortable">{t("comfortable")}</DropdownMenuRadioItem>
          <DropdownMenuRadioItem value="compact">{t("compact")}</DropdownMenuRadioItem>
        </DropdownMenuRadioGroup>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
