"use server";

import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { z } from "zod";
import { changeLocale } from "#lib/accounts/commands.ts";
import { locales } from "#lib/messages/locales.ts";
import { visitorAction } from "#lib/web/action.ts";
import { localeCookie, yearSeconds } from "#lib/web/cookies.ts";
import { database } from "#lib/web/database.ts";
import { currentUser, endSession } from "#lib/web/session.ts";

export const switchLanguage = visitorAction(
  z.object({ locale: z.enum(locales) }),
  async ({ locale }) => {
    const jar = await cookies();
    jar.set(localeCookie, locale, { path: "/", maxAge: yearSeconds, sameSite: "lax" });
    const user = await currentUser();
    if (user !== null) await changeLocale(database().db, user.id, locale);
    return undefined;
  },
);

export const signOut = visitorAction(z.object({}), async () => {
  await endSession();
  redirect("/sign-in");
});
