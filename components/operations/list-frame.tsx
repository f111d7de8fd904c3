import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Input } from "#components/ui/input.tsx";
import { type ListSearch, listHref } from "#lib/operations/search.ts";

/** A list of the whole installation: what it is, a search by the address, a table, the next page. */
export function ListFrame({
  kind,
  search,
  page,
  children,
}: {
  kind: "users" | "providers" | "channels";
  search: ListSearch;
  page: { lines: readonly unknown[]; next: string | null };
  children: ReactNode;
}) {
  const t = useTranslations("operations");
  const root = `/console/operations/${kind}`;
  return (
    <div className="space-y-4">
      <Card>
        <CardHeader
          title={t(`tabs.${kind}`)}
          text={t(`${kind}.text`)}
          action={
            <form action={root} method="get" className="flex gap-2" key={search.q}>
              <Input
                type="search"
                name="q"
                aria-label={t(`${kind}.search`)}
                placeholder={t(`${kind}.search`)}
                defaultValue={search.q}
                maxLength={100}
                className="sm:w-64"
              />
              <Button type="submit">{t("lists.find")}</Button>
            </form>
          }
        />
        {page.lines.length === 0 ? (
          <EmptyState
            title={t("lists.none")}
            text={search.q === "" ? undefined : t("lists.noneFound")}
          />
        ) : (
          children
        )}
      </Card>
      {(page.next !== null || search.after !== null) && (
        <nav aria-label={t("lists.paging")} className="flex justify-end gap-2">
          {search.after !== null && (
            <Button asChild>
              <Link href={listHref(root, { q: search.q })}>{t("lists.first")}</Link>
            </Button>
          )}
          {page.next !== null && (
            <Button asChild>
              <Link href={listHref(root, { q: search.q, after: page.next })}>
                {t("lists.next")}
              </Link>
            </Button>
          )}
        </nav>
      )}
    </div>
  );
}
