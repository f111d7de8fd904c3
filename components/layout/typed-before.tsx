"use client";

import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";

/** Once, when it comes: the form below may be long, and the browser shows what has the focus. */
const takeFocus = (element: HTMLElement | null): void => element?.focus();

/** What somebody had typed into a form of the page that came too late; nothing where there is none. */
export function TypedBefore({ texts }: { texts: readonly string[] }) {
  const t = useTranslations("common.typedBefore");
  if (texts.length === 0) return null;
  return (
    <div ref={takeFocus} tabIndex={-1} className="mb-5 scroll-mt-4 outline-none">
      <Callout tone="warn" role="status" title={t("title")}>
        <p>{t("text")}</p>
        <ul className="mt-2 grid gap-1">
          {texts.map((text) => (
            <li key={text} className="wrap-anywhere whitespace-pre-wrap">
              {text}
            </li>
          ))}
        </ul>
      </Callout>
    </div>
  );
}
