import { Plus } from "lucide-react";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { WrongNow } from "#components/channels/wrong-now.tsx";
import { PageHead } from "#components/layout/page-head.tsx";
import { ProvidersCard } from "#components/providers/providers-card.tsx";
import { Button } from "#components/ui/button.tsx";
import { Link } from "#components/ui/link.tsx";
import { NotUnderstoodCallout } from "#components/ui/not-understood.tsx";
import { countFailingOfAll, describeFailing, describeFailingOfAll } from "#lib/channels/failing.ts";
import {
  channelsHref,
  channelsNotUnderstood,
  parseChannelSearch,
} from "#lib/channels/list-search.ts";
import { env } from "#lib/env.ts";
import { listProviders } from "#lib/providers/queries.ts";
import { database } from "#lib/web/database.ts";
import { requireUser } from "#lib/web/session.ts";
import { consoleTime } from "#lib/web/time.ts";

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Of what is wrong, so much fits a glance; the list has the rest. */
const failingMax = 10;

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("lists.home");
  return { title: t("title") };
}

export default async function HomePage({ searchParams }: Props) {
  const user = await requireUser();
  const given = await searchParams;
  const { q, after } = parseChannelSearch(given);
  const [own, all, page, now, t, providers, common] = await Promise.all([
    describeFailing(database(), user.id, failingMax, env().notificationPolicy),
    user.isOperator ? readPlatform(user.id) : null,
    listProviders(database().db, user, { q, after }),
    consoleTime(),
    getTranslations("lists.home"),
    getTranslations("providers"),
    getTranslations("common"),
  ]);
  const shown = { timeZone: user.timeZone ?? env().displayTimeZone, now };
  const create = user.isOperator && (
    <Button asChild look="primary">
      <Link href="/console/provider/new">
        <Plus aria-hidden />
        {providers("create")}
      </Link>
    </Button>
  );
  return (
    <div className="space-y-7">
      <PageHead crumbs={[{ label: common("console") }]} title={t("title")} />
      <NotUnderstoodCallout
        parts={channelsNotUnderstood(given)}
        href={channelsHref("/console", { q, after })}
      />
      <WrongNow
        id="wrong"
        title={t("wrong")}
        well={t("well")}
        text={t("wellText")}
        {...own}
        {...shown}
      />
      {all !== null && (
        <WrongNow
          id="platform"
          title={t("platform")}
          well={t("wellPlatform")}
          {...all}
          {...shown}
        />
      )}
      <ProvidersCard
        page={page}
        search={{ q, after }}
        isOperator={user.isOperator}
        create={create}
      />
    </div>
  );
}

async function readPlatform(userId: string) {
  const [failing, count] = await Promise.all([
    describeFailingOfAll(database(), userId, failingMax, env().notificationPolicy),
    countFailingOfAll(database().db),
  ]);
  return { ...failing, count };
}
