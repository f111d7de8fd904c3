import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Input } from "#components/ui/input.tsx";
import { Paging } from "#components/ui/paging.tsx";
import { HeadCell, Table } from "#components/ui/table.tsx";
import type { FormAction } from "#lib/form-state.ts";
import type { ListPage } from "#lib/operations/schema.ts";
import { type ListSearch, listHref } from "#lib/operations/search.ts";

/** What the page of each list hands to it. */
export type ListProps<Line> = {
  search: ListSearch;
  page: ListPage<Line>;
  timeZone: string;
  setDisabled: FormAction;
};

type FrameProps = Pick<ListProps<unknown>, "search" | "page"> & {
  kind: "users" | "providers" | "channels";
  /** The columns; that of what can be done with a line comes by itself, and last. */
  heads: readonly { text: string; className?: string }[];
  above?: ReactNode;
  /** The rows. */
  children: ReactNode;
};

/** A list of the whole installation: what it is, a search by the address, a table, the next page. */
export function ListFrame({ kind, search, page, heads, above, children }: FrameProps) {
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
          <>
            {above}
            <Table>
              <thead>
                <tr>
                  {heads.map(({ text, className }) => (
                    <HeadCell key={text} className={className}>
                      {text}
                    </HeadCell>
                  ))}
                  <HeadCell>
                    <span className="sr-only">{t("lists.disable")}</span>
                  </HeadCell>
                </tr>
              </thead>
              <tbody>{children}</tbody>
            </Table>
          </>
        )}
      </Card>
      <Paging
        label={t("lists.paging")}
        start={
          search.after === null
            ? null
            : { label: t("lists.first"), href: listHref(root, { q: search.q }) }
        }
        onward={
          page.next === null
            ? null
            : { label: t("lists.next"), href: listHref(root, { q: search.q, after: page.next }) }
        }
      />
    </div>
  );
}

/** What a line is called, and that it is disabled or whatever else (`children`) has to be seen at once. */
export function LineName({ isDisabled, children }: { isDisabled: boolean; children: ReactNode }) {
  const t = useTranslations("operations.lists");
  return (
    <span className="flex flex-wrap items-center gap-2">
      {children}
      {isDisabled && <Badge tone="warn">{t("disabled")}</Badge>}
    </span>
  );
}
