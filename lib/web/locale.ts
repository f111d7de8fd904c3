import "server-only";
import type { cookies } from "next/headers";
import { getLocale } from "next-intl/server";
import type { Locale } from "#lib/messages/locales.ts";
import { localeCookie, yearSeconds } from "./cookies.ts";

export type CookieJar = Awaited<ReturnType<typeof cookies>>;

export const currentLocale = (): Promise<Locale> => getLocale();

/** Remembers a language in this browser. */
export function chooseLocale(jar: CookieJar, locale: Locale): void {
  jar.set(localeCookie, locale, {
    path: "/",
    maxAge: yearSeconds,
    sameSite: "lax",
    httpOnly: true,
  });
}
