import { useTranslations } from "next-intl";
import { DownloadMenu } from "#components/exports/download-menu.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { NotUnderstoodCallout } from "#components/ui/not-understood.tsx";
import { Paging } from "#components/ui/paging.tsx";
import type { AuditLine } from "#lib/audit/schema.ts";
import { type AuditedPlace, type AuditSearch, auditHref, auditRoot } from "#lib/audit/search.ts";
import type { NotUnderstood } from "#lib/not-understood.ts";
import { AuditFilter } from "./audit-filter.tsx";
import { AuditTable } from "./audit-table.tsx";

/** One page of an audit log, with its filter and its file. */
export function AuditLog({
  place,
  search,
  notUnderstood,
  page,
  timeZone,
}: {
  place: AuditedPlace;
  search: AuditSearch;
  /** What the address asked beyond that. */
  notUnderstood: readonly NotUnderstood[];
  page: { lines: readonly AuditLine[]; older: string | null };
  timeZone: string;
}) {
  const t = useTranslations("audit");
  const root = auditRoot(place);
  const file = auditHref(root, { ...search, before: null }, "/tsv");
  const isFiltered = Object.values(search).some((value) => value !== null);
  return (
    <div className="space-y-4">
      <NotUnderstoodCallout parts={notUnderstood} href={auditHref(root, search)} holds="file" />
      <Card>
        <CardHeader
          title={t("title")}
          text={t(`text.${place.kind}`)}
          action={notUnderstood.length === 0 && <DownloadMenu href={file} />}
        />
        <AuditFilter root={root} search={search} />
        {page.lines.length === 0 ? (
          <EmptyState
            title={t("empty.title")}
            text={t(isFiltered ? "empty.filtered" : "empty.text")}
          />
        ) : (
          <AuditTable
            lines={page.lines}
            root={root}
            timeZone={timeZone}
            showsPlace={place.kind === "all"}
          />
        )}
      </Card>
      <Paging
        label={t("paging")}
        start={
          search.before === null
            ? null
            : { label: t("newest"), href: auditHref(root, { ...search, before: null }) }
        }
        onward={
          page.older === null
            ? null
            : { label: t("older"), href: auditHref(root, { ...search, before: page.older }) }
        }
      />
    </div>
  );
}
