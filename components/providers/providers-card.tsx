import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Input } from "#components/ui/input.tsx";
import { Paging } from "#components/ui/paging.tsx";
import type { ProviderPage } from "#lib/providers/schema.ts";
import { ProviderList } from "./provider-list.tsx";

/** The providers of a person, or all of them for operators: a search where there are many, and the next page. */
export function ProvidersCard({
  page,
  search,
  isOperator,
  create,
}: {
  page: ProviderPage;
  search: { q: string; after: string | null };
  isOperator: boolean;
  create: ReactNode;
}) {
  const t = useTranslations("lists.providers");
  const channels = useTranslations("lists.channels");
  const isLong = page.next !== null || search.after !== null || search.q !== "";
  return (
    <section className="space-y-3" aria-labelledby="providers">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="providers" className="text-xl font-semibold">
          {t(isOperator ? "titleAll" : "title")}
        </h2>
        <div className="flex flex-wrap items-center gap-2">
          {isLong && (
            <search>
              <form action="/console" method="get" className="flex gap-2" key={search.q}>
                <Input
                  type="search"
                  name="q"
                  aria-label={t("search")}
                  placeholder={t("search")}
                  defaultValue={search.q}
                  maxLength={100}
                  className="w-48"
                />
                <Button type="submit">{channels("find")}</Button>
              </form>
            </search>
          )}
          {create}
        </div>
      </div>
      {page.entries.length === 0 && search.q !== "" ? (
        <Card>
          <EmptyState title={t("noneFound", { q: search.q })} />
        </Card>
      ) : (
        <ProviderList providers={page.entries} isOperator={isOperator} />
      )}
      <Paging
        label={t("paging")}
        start={
          search.after === null && search.q === ""
            ? null
            : { label: channels("first"), href: "/console#providers" }
        }
        onward={
          page.next === null
            ? null
            : {
                label: channels("next", { count: page.entries.length }),
                href: `/console?${new URLSearchParams({ q: search.q, after: page.next })}#providers`,
              }
        }
      />
    </section>
  );
}
