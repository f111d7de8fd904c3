"use server";

import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { AppError } from "#lib/app-error.ts";
import { confirmAddress } from "#lib/channels/confirm-address.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { linkActor, readLink } from "#lib/web/mail-links.ts";

export const confirm = visitorAction(z.object({ link: z.string() }), async ({ link }) => {
  const known = readLink(link);
  if (known?.kind !== "confirm")
    throw new AppError("not_found", "There is no such link.", { key: "link_expired" });
  await confirmAddress(database().db, await linkActor(), known);
  return { message: (await getTranslations("notifications.confirm"))("done") };
});
