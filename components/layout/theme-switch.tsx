"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";
import { cn } from "#components/ui/cn.ts";
import { segmentClass, segmentedFrameClass } from "#components/ui/segmented.tsx";

const themes = [
  ["light", Sun],
  ["dark", Moon],
  ["system", Monitor],
] as const;

const never = () => () => undefined;

export function ThemeSwitch() {
  const t = useTranslations("common");
  const { theme, setTheme } = useTheme();
  // The server does not know the theme; it is marked once the page is alive.
  const alive = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <fieldset className={segmentedFrameClass}>
      <legend className="sr-only">{t("theme")}</legend>
      {themes.map(([name, Icon]) => {
        const current = alive && theme === name;
        return (
          <button
            key={name}
            type="button"
            aria-pressed={current}
            title={t(`themes.${name}`)}
            className={cn(segmentClass(current), "px-2.5")}
            onClick={() => setTheme(name)}
          >
            <Icon className="size-4" aria-hidden />
            <span className="sr-only">{t(`themes.${name}`)}</span>
          </button>
        );
      })}
    </fieldset>
  );
}
