import { createTranslator } from "use-intl/core";
import { messagesFor } from "#lib/messages/catalogue.ts";
import type { Locale } from "#lib/messages/locales.ts";

export type MailTexts = ReturnType<typeof mailWords>;

/** The texts of mails in one language. */
export const mailWords = (locale: Locale) =>
  createTranslator({ locale, messages: messagesFor(locale), namespace: "mails" });
