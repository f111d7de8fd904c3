import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { FormAction } from "#lib/form-state.ts";
import { LanguageSwitch } from "./language-switch.tsx";
import { Logo } from "./logo.tsx";
import { type ThemeChoice, ThemeSwitch } from "./theme-switch.tsx";

/** The frame of the pages before sign-in. */
export function AuthFrame({
  switchLanguage,
  themeChoice,
  children,
}: {
  switchLanguage: FormAction;
  themeChoice: ThemeChoice;
  children: ReactNode;
}) {
  const t = useTranslations("common");
  return (
    <div className="mx-auto flex min-h-dvh max-w-md flex-col px-4 py-6 sm:justify-center">
      <header className="mb-6">
        <p className="flex items-center gap-2.5 text-xl font-semibold">
          <Logo className="size-7 text-brand" />
          {t("product")}
        </p>
        <p className="mt-1 text-dim">{t("tagline")}</p>
      </header>
      <main>{children}</main>
      <footer className="mt-6 flex flex-wrap items-center justify-between gap-3">
        <LanguageSwitch action={switchLanguage} />
        <ThemeSwitch {...themeChoice} />
      </footer>
    </div>
  );
}
