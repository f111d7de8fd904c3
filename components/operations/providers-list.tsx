import { useTranslations } from "next-intl";
import { Counted } from "#components/ui/counted.tsx";
import { Link } from "#components/ui/link.tsx";
import { Moment } from "#components/ui/moment.tsx";
import { Cell, MomentCell, Row } from "#components/ui/table.tsx";
import type { ProviderLine } from "#lib/operations/schema.ts";
import { DisableForm } from "./disable-form.tsx";
import { LineName, ListFrame, type ListProps } from "./list-frame.tsx";

/** Every provider of the installation. */
export function ProvidersList({ search, page, timeZone, setDisabled }: ListProps<ProviderLine>) {
  const t = useTranslations("operations");
  return (
    <ListFrame
      kind="providers"
      search={search}
      page={page}
      heads={[
        { text: t("providers.name") },
        { text: t("providers.id"), className: "hidden sm:table-cell" },
        { text: t("providers.channels"), className: "text-right" },
        { text: t("lists.createdAt"), className: "hidden lg:table-cell" },
      ]}
    >
      {page.lines.map((provider) => (
        <Row key={provider.id}>
          <Cell>
            <LineName isDisabled={provider.disabledAt !== null}>
              <Link
                href={`/console/provider/${provider.id}/channels`}
                className="font-medium text-brand hover:underline"
              >
                {provider.name}
              </Link>
            </LineName>
          </Cell>
          <Cell className="hidden font-mono text-sm sm:table-cell">{provider.id}</Cell>
          <Cell className="text-right tabular-nums">
            <Counted count={provider.channelCount} />
          </Cell>
          <MomentCell className="hidden lg:table-cell">
            <Moment at={provider.createdAt} timeZone={timeZone} />
          </MomentCell>
          <Cell className="text-right">
            <DisableForm
              kind="providers"
              name={provider.name}
              field={{ name: "providerId", value: provider.id }}
              isDisabled={provider.disabledAt !== null}
              waitingCount={provider.waitingCount}
              action={setDisabled}
            />
          </Cell>
        </Row>
      ))}
    </ListFrame>
  );
}
