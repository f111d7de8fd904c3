import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "#components/ui/badge.tsx";
import { Cell, HeadCell, Row, Table } from "#components/ui/table.tsx";
import type { FormAction } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import type { ListPage, ProviderLine } from "#lib/operations/schema.ts";
import type { ListSearch } from "#lib/operations/search.ts";
import { DisableForm } from "./disable-form.tsx";
import { ListFrame } from "./list-frame.tsx";

/** Every provider of the installation. */
export function ProvidersList({
  search,
  page,
  timeZone,
  setDisabled,
}: {
  search: ListSearch;
  page: ListPage<ProviderLine>;
  timeZone: string;
  setDisabled: FormAction;
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
            <HeadCell>
              <span className="sr-only">{t("lists.disable")}</span>
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {page.lines.map((provider) => (
            <Row key={provider.id}>
              <Cell>
                <span className="flex flex-wrap items-center gap-2">
                  <Link
                    href={`/console/provider/${provider.id}/channels`}
                    className="font-medium text-brand hover:underline"
                  >
                    {provider.name}
                  </Link>
                  {provider.disabledAt !== null && <Badge tone="warn">{t("lists.disabled")}</Badge>}
                </span>
              </Cell>
              <Cell className="hidden font-mono text-sm sm:table-cell">{provider.id}</Cell>
              <Cell className="text-right tabular-nums">{provider.channelCount}</Cell>
              <Cell className="hidden font-mono text-sm whitespace-nowrap tabular-nums lg:table-cell">
                {formatDateTime(provider.createdAt, timeZone)}
              </Cell>
              <Cell className="text-right">
                <DisableForm
                  kind="providers"
                  name={provider.name}
                  field={{ name: "providerId", value: provider.id }}
                  isDisabled={provider.disabledAt !== null}
                  action={setDisabled}
                />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </ListFrame>
  );
}
