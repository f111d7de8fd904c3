import "server-only";
import { cookies } from "next/headers";
import type { Taste } from "#lib/accounts/schema.ts";
import { type Theme, themes } from "#lib/accounts/theme.ts";
import { themeCookie, yearSeconds } from "./cookies.ts";
import { type CookieJar, chooseLocale, currentLocale } from "./locale.ts";

/** The theme that this browser was told; without a word it follows the device. */
export async function currentTheme(): Promise<Theme> {
  const chosen = (await cookies()).get(themeCookie)?.value;
  return themes.find((theme) => theme === chosen) ?? "system";
}

export async function currentTaste(): Promise<Taste> {
  const [locale, theme] = await Promise.all([currentLocale(), currentTheme()]);
  return { locale, theme };
}

/** Remembers a theme in this browser. */
export function chooseTheme(jar: CookieJar, theme: Theme): void {
  jar.set(themeCookie, theme, { path: "/", maxAge: yearSeconds, sameSite: "lax", httpOnly: true });
}

/** Has a browser that somebody signs in with look and speak as their profile says. */
export async function chooseTaste({ locale, theme }: Taste): Promise<void> {
  const jar = await cookies();
  chooseLocale(jar, locale);
  chooseTheme(jar, theme);
}
