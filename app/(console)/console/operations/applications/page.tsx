import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Applications } from "#components/operations/applications.tsx";
import { env } from "#lib/env.ts";
import { listGrants } from "#lib/grants/queries.ts";
import { grantStates } from "#lib/grants/schema.ts";
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
  const wanted = (await searchParams).state;
  const state = grantStates.find((one) => one === wanted) ?? "pending";
  const { displayTimeZone, notificationPolicy } = env();
  return (
    <Applications
      state={state}
      applications={await listGrants(database().db, state)}
      isOpen={notificationPolicy.access === "open"}
      timeZone={user.timeZone ?? displayTimeZone}
      decide={decide}
    />
  );
}
