import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { proofOfPerson } from "#app/(console)/console/proof-of-person.tsx";
import { PlatformKeys } from "#components/operations/platform-keys.tsx";
import { env } from "#lib/env.ts";
import { listPlatformKeys } from "#lib/tokens/platform-keys.ts";
import { requireOperator } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { create, revoke } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("operations.keys");
  return { title: t("title") };
}

export default async function PlatformKeysPage() {
  const user = await requireOperator();
  return (
    <PlatformKeys
      keys={await listPlatformKeys(database().db)}
      proof={await proofOfPerson(user.id, "/console/operations/platform-keys")}
      timeZone={user.timeZone ?? env().displayTimeZone}
      actions={{ create, revoke }}
    />
  );
}
