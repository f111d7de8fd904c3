"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslations } from "next-intl";
import { useActionState, useEffect } from "react";
import { useFormStatus } from "react-dom";
import { cn } from "#components/ui/cn.ts";
import { segmentClass, segmentedFrameClass } from "#components/ui/segmented.tsx";
import { type Theme, themes } from "#lib/accounts/theme.ts";
import { type FormAction, idleForm } from "#lib/form-state.ts";

const icons = { light: Sun, dark: Moon, system: Monitor };

/** What a switch needs; `theme` is the one that the server drew the page in. */
export type ThemeChoice = { theme: Theme; action: FormAction };

/** A button for each theme. Acts at once; without JavaScript, with the next page. */
export function ThemeSwitch({ theme, action }: ThemeChoice) {
  const [state, dispatch] = useActionState(action, idleForm);
  useEffect(() => {
    if (state.status === "refused") showTheme(theme);
  }, [state, theme]);
  return (
    <form action={dispatch}>
      <Choices theme={theme} />
    </form>
  );
}

function Choices({ theme }: { theme: Theme }) {
  const t = useTranslations("common");
  const { data } = useFormStatus();
  const current = data?.get("theme") ?? theme;
  return (
    <fieldset className={segmentedFrameClass}>
      <legend className="sr-only">{t("theme")}</legend>
      {themes.map((name) => {
        const Icon = icons[name];
        return (
          <button
            key={name}
            type="submit"
            name="theme"
            value={name}
            aria-pressed={name === current}
            title={t(`themes.${name}`)}
            className={cn(segmentClass(name === current), "px-2.5")}
            onClick={() => showTheme(name)}
          >
            <Icon className="size-4" aria-hidden />
            <span className="sr-only">{t(`themes.${name}`)}</span>
          </button>
        );
      })}
    </fieldset>
  );
}

/** Before the server has answered; its answer draws the page with the same class. */
function showTheme(theme: Theme): void {
  const { classList } = document.documentElement;
  classList.remove("light", "dark");
  if (theme !== "system") classList.add(theme);
}
