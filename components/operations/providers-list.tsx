import Link from "next/link";
import { useTranslations } from "next-intl";
import { Cell, HeadCell, Row, Table } from "#components/ui/table.tsx";
import { formatDateTime } from "#lib/format.ts";
import type { ListPage, ProviderLine } from "#lib/operations/schema.ts";
import type { ListSearch } from "#lib/operations/search.ts";
import { ListFrame } from "./list-frame.tsx";

/** Every provider of the installation. */
export function ProvidersList({
  search,
  page,
  timeZone,
}: {
  search: ListSearch;
  page: ListPage<ProviderLine>;
  timeZone: string;
}) {
  const t = useTranslations("operations");
  return (
    <ListFrame kind="providers" search={search} page={page}>
      <Table>
        <thead>
          <tr>
            <HeadCell>{t("providers.name")}</HeadCell>
            <HeadCell className="hidden sm:table-cell">{t("providers.id")}</HeadCell>
            <HeadCell className="text-right">{t("providers.channels")}</HeadCell>
            <HeadCell className="hidden lg:table-cell">{t("lists.createdAt")}</HeadCell>
          </tr>
        </thead>
        <tbody>
          {page.lines.map((provider) => (
            <Row key={provider.id}>
              <Cell>
                <Link
                  href={`/console/provider/${provider.id}/channels`}
                  className="font-medium text-brand hover:underline"
                >
                  {provider.name}
                </Link>
              </Cell>
              <Cell className="hidden font-mono text-sm sm:table-cell">{provider.id}</Cell>
              <Cell className="text-right tabular-nums">{provider.channelCount}</Cell>
              <Cell className="hidden font-mono text-sm whitespace-nowrap tabular-nums lg:table-cell">
                {formatDateTime(provider.createdAt, timeZone)}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </ListFrame>
  );
}
