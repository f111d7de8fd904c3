"use client";

import { ChevronsUpDown, LogOut, UserRound } from "lucide-react";
import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#components/ui/popover.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import type { Theme } from "#lib/accounts/theme.ts";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import { LanguageSwitch } from "./language-switch.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

export type AccountActions = {
  signOut: FormAction;
  switchLanguage: FormAction;
  switchTheme: FormAction;
};

/** Who is signed in, language, theme, and the way out. */
export function AccountMenu({
  user,
  theme,
  actions,
}: {
  user: { name: string; email: string };
  theme: Theme;
  actions: AccountActions;
}) {
  const t = useTranslations("common");
  const [, signOut] = useActionState(actions.signOut, idleForm);
  return (
    <div className="border-t p-3">
      <Popover>
        <PopoverTrigger className="flex w-full items-center gap-2 rounded-control px-2 py-1.5 text-left hover:bg-surface/60">
          <span className="sr-only">{t("account")}</span>
          <span className="min-w-0 grow">
            <span className="block truncate font-medium">{user.name}</span>
            <span className="block truncate text-sm text-dim">{user.email}</span>
          </span>
          <ChevronsUpDown className="size-4 shrink-0 text-dim" aria-hidden />
        </PopoverTrigger>
        <PopoverContent
          side="top"
          className="grid w-60 justify-items-start gap-3"
          aria-label={t("account")}
        >
          <p className="text-sm text-dim">{t("language")}</p>
          <LanguageSwitch action={actions.switchLanguage} />
          <p className="text-sm text-dim">{t("theme")}</p>
          <ThemeSwitch theme={theme} action={actions.switchTheme} />
          <Link
            href="/console/profile/basics"
            className={cn(buttonClass({ look: "ghost" }), "w-full")}
          >
            <UserRound aria-hidden />
            {t("profile")}
          </Link>
          <form action={signOut} className="w-full border-t pt-3">
            <SubmitButton look="quiet" className="w-full">
              <LogOut aria-hidden />
              {t("signOut")}
            </SubmitButton>
          </form>
        </PopoverContent>
      </Popover>
    </div>
  );
}
