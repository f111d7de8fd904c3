import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Input } from "#components/ui/input.tsx";
import { Link } from "#components/ui/link.tsx";
import { Paging } from "#components/ui/paging.tsx";
import { type ChannelListSearch, channelsHref } from "#lib/channels/list-search.ts";
import type { ChannelEntry } from "#lib/channels/schema.ts";
import { ChannelList } from "./channel-list.tsx";

type Props = {
  /** Its address, without what is searched. */
  root: string;
  search: ChannelListSearch;
  entries: readonly ChannelEntry[];
  /** Those that fail, ahead of the first page of all; empty where nothing does, or where they stand in `entries` anyway. */
  failing?: readonly ChannelEntry[];
  /** More fail than stand there. */
  hasMoreFailing?: boolean;
  next: string | null;
  pageSize: number;
  /** More were found than are shown. */
  isCut: boolean;
  hasProvider?: boolean;
};

/** A list of channels: a search, those that fail first, the rest by name, in pages. */
export function ChannelsView({ failing = [], hasMoreFailing = false, ...props }: Props) {
  const t = useTranslations("lists.channels");
  const { root, search, entries, hasProvider = false } = props;
  return (
    <div className="space-y-4">
      <ChannelSearch root={root} search={search} />
      {failing.length > 0 && (
        <Card aria-label={t("failing")}>
          <div className="flex items-center justify-between gap-3 px-5 pt-4 pb-2">
            <h2 className="text-lg font-semibold">{t("failing")}</h2>
            {hasMoreFailing && (
              <Link
                className="text-sm text-brand hover:underline"
                href={channelsHref(root, { state: "failing" })}
              >
                {t("failingTitle")}
              </Link>
            )}
          </div>
          <ChannelList channels={failing} hasProvider={hasProvider} />
        </Card>
      )}
      <Card>
        {entries.length === 0 ? (
          <Nothing search={search} />
        ) : (
          <ChannelList channels={entries} hasProvider={hasProvider} />
        )}
      </Card>
      <ListEnd {...props} />
    </div>
  );
}

/** Works without a script, and what was found has an address. */
function ChannelSearch({ root, search }: { root: string; search: ChannelListSearch }) {
  const t = useTranslations("lists.channels");
  return (
    <search className="flex flex-wrap items-center gap-2">
      <form action={root} method="get" className="flex min-w-0 grow gap-2 sm:grow-0" key={search.q}>
        <Input
          type="search"
          name="q"
          aria-label={t("search")}
          placeholder={t("search")}
          defaultValue={search.q}
          maxLength={100}
          className="min-w-0 sm:w-72"
        />
        <Button type="submit">{t("find")}</Button>
      </form>
      {(search.q !== "" || search.state !== null) && (
        <Button asChild look="ghost">
          <Link href={root}>{t("clear")}</Link>
        </Button>
      )}
    </search>
  );
}

function Nothing({ search }: { search: ChannelListSearch }) {
  const t = useTranslations("lists.channels");
  const providers = useTranslations("providers.noChannels");
  if (search.q !== "") {
    return <EmptyState title={t("noneFound", { q: search.q })} text={t("noneFoundText")} />;
  }
  if (search.state === "failing") return <EmptyState title={t("noneFailing")} />;
  return <EmptyState title={providers("title")} text={providers("text")} />;
}

/** In words what comes after the last line. */
function ListEnd({ root, search, entries, next, pageSize, isCut }: Props) {
  const t = useTranslations("lists.channels");
  if (isCut) {
    const text = search.state === "failing" ? "failingCut" : "cut";
    return <p className="text-sm text-dim">{t(text, { count: entries.length })}</p>;
  }
  if (next === null && search.after === null) return null;
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <p className="text-sm text-dim">{next === null ? t("end") : ""}</p>
      <Paging
        label={t("paging")}
        start={search.after === null ? null : { label: t("first"), href: channelsHref(root) }}
        onward={
          next === null
            ? null
            : {
                label: t("next", { count: pageSize }),
                href: channelsHref(root, { after: next }),
              }
        }
      />
    </div>
  );
}
