import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ProvidersList } from "#components/operations/providers-list.tsx";
import { NotReadNow } from "#components/ui/not-read-now.tsx";
import { NotUnderstoodCallout } from "#components/ui/not-understood.tsx";
import { env } from "#lib/env.ts";
import { findProviders } from "#lib/operations/queries.ts";
import { listHref, parseListSearch, searchNotUnderstood } from "#lib/operations/search.ts";
import { requireOperator } from "#lib/web/access.ts";
import { readForPage } from "#lib/web/reading.ts";
import { disable } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("operations.tabs");
  return { title: t("providers") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function OperationsProvidersPage({ searchParams }: Props) {
  const user = await requireOperator();
  const given = await searchParams;
  const search = parseListSearch(given);
  const read = await readForPage(user.id, (db) => findProviders(db, search));
  if (read.state !== "read") return <NotReadNow why={read.state} />;
  const timeZone = user.timeZone ?? env().displayTimeZone;
  return (
    <div className="space-y-4">
      <NotUnderstoodCallout
        parts={searchNotUnderstood(given)}
        href={listHref("/console/operations/providers", search)}
      />
      <ProvidersList search={search} page={read.data} timeZone={timeZone} setDisabled={disable} />
    </div>
  );
}
