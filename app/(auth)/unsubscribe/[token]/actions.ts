"use server";

import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { AppError } from "#lib/app-error.ts";
import { unsubscribe } from "#lib/notifications/unsubscribe.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { linkActor, readLink } from "#lib/web/mail-links.ts";

export const stopMails = visitorAction(z.object({ link: z.string() }), async ({ link }) => {
  const known = readLink(link);
  if (known === null || known.kind === "confirm")
    throw new AppError("not_found", "There is no such link.", { key: "link_expired" });
  const came = await unsubscribe(database().pool, await linkActor(), known);
  if (came === "forgotten")
    throw new AppError("conflict", "The email is too old.", { key: "unsubscribe_forgotten" });
  return { message: (await getTranslations("notifications.unsubscribe"))("done") };
});
