import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { SetAside } from "#components/operations/set-aside.tsx";
import { env } from "#lib/env.ts";
import { listSetAside } from "#lib/queue/list-set-aside.ts";
import { requireOperator } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { end, release } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("operations.setAside");
  return { title: t("title") };
}

export default async function SetAsidePage() {
  const user = await requireOperator();
  return (
    <SetAside
      {...(await listSetAside(database().db))}
      timeZone={user.timeZone ?? env().displayTimeZone}
      actions={{ release, end }}
    />
  );
}
