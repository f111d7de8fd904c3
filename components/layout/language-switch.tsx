"use client";

import { useLocale, useTranslations } from "next-intl";
import { useActionState } from "react";
import { useFormStatus } from "react-dom";
import { segmentClass, segmentedFrameClass } from "#components/ui/segmented.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import { locales } from "#lib/messages/locales.ts";

/** A button for each language, named in that language. Works without JavaScript. */
export function LanguageSwitch({ action }: { action: FormAction }) {
  const [, dispatch] = useActionState(action, idleForm);
  return (
    <form action={dispatch}>
      <Choices />
    </form>
  );
}

/** What was pressed is chosen at once; its words come with the page. */
function Choices() {
  const t = useTranslations("common");
  const shown = useLocale();
  const { data } = useFormStatus();
  const current = data?.get("locale") ?? shown;
  return (
    <fieldset className={segmentedFrameClass}>
      <legend className="sr-only">{t("language")}</legend>
      {locales.map((locale) => (
        <button
          key={locale}
          type="submit"
          name="locale"
          value={locale}
          lang={locale}
          aria-pressed={locale === current}
          className={segmentClass(locale === current)}
        >
          {t(`languages.${locale}`)}
        </button>
      ))}
    </fieldset>
  );
}
