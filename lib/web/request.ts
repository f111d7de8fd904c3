import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { env } from "#lib/env.ts";
import { type Messages, messagesFor } from "#lib/messages/catalogue.ts";
import { isLocale, type Locale, preferredLocale } from "#lib/messages/locales.ts";
import { localeCookie } from "./cookies.ts";

declare module "next-intl" {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}

/** next-intl's configuration: the language chosen (cookie, set at sign-in and by the switch), else the browser's. */
export default getRequestConfig(async () => {
  const chosen = (await cookies()).get(localeCookie)?.value;
  const locale = isLocale(chosen)
    ? chosen
    : preferredLocale((await headers()).get("accept-language"));
  return { locale, timeZone: env().displayTimeZone, messages: messagesFor(locale) };
});
