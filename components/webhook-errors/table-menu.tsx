"use client";

import { useTranslations } from "next-intl";
import { ColumnsMenu } from "#components/statistics/columns-menu.tsx";
import {
  type ErrorsTableLook,
  hideableColumns,
  tableLookCookie,
} from "#lib/webhook-errors/table-look.ts";

export function TableMenu({
  look,
  onLook,
}: {
  look: ErrorsTableLook;
  onLook: (look: ErrorsTableLook) => void;
}) {
  const t = useTranslations("webhook-errors.table");
  return (
    <ColumnsMenu
      columns={hideableColumns.map((id) => ({ id, label: t(id) }))}
      look={look}
      cookie={tableLookCookie}
      onLook={onLook}
    />
  );
}
