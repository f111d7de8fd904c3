import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "#components/ui/badge.tsx";
import { Cell, HeadCell, Row, Table } from "#components/ui/table.tsx";
import type { FormAction } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import type { ChannelLine, ListPage } from "#lib/operations/schema.ts";
import { type ListSearch, listHref } from "#lib/operations/search.ts";
import { DisableForm } from "./disable-form.tsx";
import { ListFrame } from "./list-frame.tsx";

/** Every channel of the installation, by name only: being an operator gives no role in it. */
export function ChannelsList({
  search,
  page,
  timeZone,
  setDisabled,
}: {
  search: ListSearch;
  page: ListPage<ChannelLine>;
  timeZone: string;
  setDisabled: FormAction;
}) {
  const t = useTranslations("operations");
  const states = useTranslations("channels.state");
  return (
    <ListFrame kind="channels" search={search} page={page}>
      <Table>
        <thead>
          <tr>
            <HeadCell>{t("channels.name")}</HeadCell>
            <HeadCell className="hidden sm:table-cell">{t("channels.id")}</HeadCell>
            <HeadCell className="hidden md:table-cell">{t("channels.provider")}</HeadCell>
            <HeadCell className="hidden xl:table-cell">{t("lists.createdAt")}</HeadCell>
            <HeadCell>
              <span className="sr-only">{t("lists.disable")}</span>
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {page.lines.map((channel) => (
            <Row key={channel.id}>
              <Cell>
                <span className="flex flex-wrap items-center gap-2">
                  <span className="font-medium">{channel.name}</span>
                  {channel.disabledAt !== null && <Badge tone="warn">{t("lists.disabled")}</Badge>}
                  {channel.disabledAt === null && !channel.useWebhook && (
                    <Badge>{states("webhook_off")}</Badge>
                  )}
                </span>
              </Cell>
              <Cell className="hidden font-mono text-sm sm:table-cell">{channel.id}</Cell>
              <Cell className="hidden md:table-cell">
                <Link
                  href={`/console/provider/${channel.providerId}/channels`}
                  className="text-brand hover:underline"
                >
                  {channel.providerName}
                </Link>
              </Cell>
              <Cell className="hidden font-mono text-sm whitespace-nowrap tabular-nums xl:table-cell">
                {formatDateTime(channel.createdAt, timeZone)}
              </Cell>
              <Cell className="text-right">
                {channel.providerDisabledAt === null || channel.disabledAt === null ? (
                  <DisableForm
                    kind="channels"
                    name={channel.name}
                    field={{ name: "channelId", value: channel.id }}
                    isDisabled={channel.disabledAt !== null}
                    action={setDisabled}
                  />
                ) : (
                  <Link
                    href={listHref("/console/operations/providers", { q: channel.providerId })}
                    className="text-sm text-brand hover:underline"
                  >
                    {t("channels.providerDisabled")}
                  </Link>
                )}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </ListFrame>
  );
}
