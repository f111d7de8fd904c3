import { useTranslations } from "next-intl";
import { Badge } from "#components/ui/badge.tsx";
import { Link } from "#components/ui/link.tsx";
import { Moment } from "#components/ui/moment.tsx";
import { Cell, MomentCell, Row } from "#components/ui/table.tsx";
import type { ChannelLine } from "#lib/operations/schema.ts";
import { listHref } from "#lib/operations/search.ts";
import { DisableForm } from "./disable-form.tsx";
import { LineName, ListFrame, type ListProps } from "./list-frame.tsx";

/** Every channel of the installation, by name only: being an operator gives no role in it. */
export function ChannelsList({ search, page, timeZone, setDisabled }: ListProps<ChannelLine>) {
  const t = useTranslations("operations");
  const states = useTranslations("channels.state");
  return (
    <ListFrame
      kind="channels"
      search={search}
      page={page}
      heads={[
        { text: t("channels.name") },
        { text: t("channels.id"), className: "hidden sm:table-cell" },
        { text: t("channels.provider"), className: "hidden md:table-cell" },
        { text: t("lists.createdAt"), className: "hidden xl:table-cell" },
      ]}
    >
      {page.lines.map((channel) => (
        <Row key={channel.id}>
          <Cell>
            <LineName isDisabled={channel.disabledAt !== null}>
              <span className="font-medium">{channel.name}</span>
              {channel.disabledAt === null && !channel.useWebhook && (
                <Badge>{states("webhook_off")}</Badge>
              )}
            </LineName>
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
          <MomentCell className="hidden xl:table-cell">
            <Moment at={channel.createdAt} timeZone={timeZone} />
          </MomentCell>
          <Cell className="text-right">
            {channel.providerDisabledAt === null || channel.disabledAt === null ? (
              <DisableForm
                kind="channels"
                name={channel.name}
                field={{ name: "channelId", value: channel.id }}
                isDisabled={channel.disabledAt !== null}
                waitingCount={channel.waitingCount}
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
    </ListFrame>
  );
}
