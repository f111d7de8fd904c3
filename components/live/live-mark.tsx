"use client";

import { useTranslations } from "next-intl";
import { cn } from "#components/ui/cn.ts";
import { type LiveState, type TakeFigures, useLive } from "./use-live.ts";

const looks = {
  connecting: { text: "text-dim", dot: "bg-edge" },
  live: { text: "text-good", dot: "bg-good outline-3 outline-good/25" },
  reconnecting: {
    text: "text-warn",
    dot: "bg-transparent outline-2 -outline-offset-2 outline-warn",
  },
  paused: { text: "text-dim", dot: "rounded-none bg-edge" },
} as const satisfies Record<LiveState, { text: string; dot: string }>;

/**
 * Keeps a page of a channel's Statistics up to date by the stream at `href`, says whether it is, and lets the person hold it.
 * Only for a view that reaches until now: nothing is added to the past.
 */
export function LiveMark({ href, takeFigures }: { href: string; takeFigures?: TakeFigures }) {
  const t = useTranslations("live");
  const { state, toggle } = useLive(href, takeFigures);
  const look = looks[state];
  return (
    <>
      <button
        type="button"
        title={t(`${state}.hint`)}
        onClick={toggle}
        className={cn(
          "inline-flex min-h-8 items-center gap-2 rounded-control px-1.5 hover:bg-sunk",
          look.text,
        )}
      >
        <span aria-hidden className={cn("size-2 rounded-full", look.dot)} />
        {t(`${state}.name`)}
      </button>
      <span role="status" className="sr-only">
        {state === "reconnecting" && t(`${state}.hint`)}
      </span>
    </>
  );
}
