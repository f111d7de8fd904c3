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
import {
  type ErrorsTableLook,
  formatTableLook,
  hideableColumns,
  tableLookCookie,
} from "#lib/webhook-errors/table-look.ts";

const yearSeconds = 31_536_000;

/** Which columns stand and how closely; remembered in a cookie, so that the server draws it so the next time. */
export function TableMenu({
  look,
  onLook,
}: {
  look: ErrorsTableLook;
  onLook: (look: ErrorsTableLook) => void;
}) {
  const t = useTranslations("webhook-errors.table");
  const change = (next: ErrorsTableLook) => {
    onLook(next);
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet.
    document.cookie = `${tableLookCookie}=${formatTableLook(next)}; path=/console; max-age=${yearSeconds}; samesite=lax`;
  };
  const toggle = (id: (typeof hideableColumns)[number], shown: boolean) =>
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
        {hideableColumns.map((id) => (
          <DropdownMenuCheckboxItem
            key={id}
            checked={!look.hidden.includes(id)}
            onCheckedChange={(shown) => toggle(id, shown)}
            onSelect={(event) => event.preventDefault()}
          >
            {t(id)}
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
