"use client";

import { useTranslations } from "next-intl";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
} from "#components/ui/dropdown-menu.tsx";
import type { OpenedBy } from "#components/ui/use-opener.ts";

export type Look<Id extends string> = { hidden: readonly Id[]; density: "comfortable" | "compact" };

/** The menu stays open while columns are chosen. */
export function ColumnsChoices<Id extends string>({
  by,
  columns,
  look,
  onLook,
}: {
  by: OpenedBy;
  /** Those that can be hidden. */
  columns: readonly { id: Id; label: string }[];
  look: Look<Id>;
  onLook: (look: Look<Id>) => void;
}) {
  const t = useTranslations("webhook-errors.table");
  const toggle = (id: Id, shown: boolean) =>
    onLook({
      ...look,
      hidden: shown ? look.hidden.filter((one) => one !== id) : [...look.hidden, id],
    });
  return (
    <DropdownMenu by={by}>
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
          onLook({ ...look, density: density === "compact" ? "compact" : "comfortable" })
        }
      >
        <DropdownMenuRadioItem value="comfortable">{t("comfortable")}</DropdownMenuRadioItem>
        <DropdownMenuRadioItem value="compact">{t("compact")}</DropdownMenuRadioItem>
      </DropdownMenuRadioGroup>
    </DropdownMenu>
  );
}
