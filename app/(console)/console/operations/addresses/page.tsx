import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { StoppedAddresses } from "#components/operations/stopped-addresses.tsx";
import { env } from "#lib/env.ts";
import { listSuppressed } from "#lib/outbox/suppressions.ts";
import { requireOperator } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { lift } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("operations.addresses");
  return { title: t("title") };
}

export default async function AddressesPage() {
  const user = await requireOperator();
  return (
    <StoppedAddresses
      addresses={await listSuppressed(database().db)}
      timeZone={user.timeZone ?? env().displayTimeZone}
      lift={lift}
    />
  );
}
