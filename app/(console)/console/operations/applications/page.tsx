import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Applications } from "#components/operations/applications.tsx";
import { NotUnderstoodCallout } from "#components/ui/not-understood.tsx";
import { env } from "#lib/env.ts";
import { listGrants } from "#lib/grants/queries.ts";
import { grantStates } from "#lib/grants/schema.ts";
import { listNotUnderstood, singleValues } from "#lib/not-understood.ts";
import { requireOperator } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { decide } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("operations.applications");
  return { title: t("title") };
}

type Props = { searchParams: Promise<{ state?: string | string[] }> };

export default async function ApplicationsPage({ searchParams }: Props) {
  const user = await requireOperator();
  const given = await searchParams;
  const { state: asked } = singleValues(given);
  const known = grantStates.find((one) => one === asked) ?? null;
  const state = known ?? "pending";
  const { displayTimeZone, notificationPolicy } = env();
  return (
    <div className="space-y-4">
      <NotUnderstoodCallout
        parts={listNotUnderstood(given, { state: known })}
        href="/console/operations/applications"
      />
      <Applications
        state={state}
        applications={await listGrants(database().db, state)}
        isOpen={notificationPolicy.access === "open"}
        timeZone={user.timeZone ?? displayTimeZone}
        decide={decide}
      />
    </div>
  );
}
