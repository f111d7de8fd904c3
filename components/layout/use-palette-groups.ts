import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { ChannelState, SearchAnswer } from "#lib/channels/schema.ts";
import { usePaletteChannelPages, usePalettePages } from "./palette-pages.ts";

type PaletteOption = { href: string; label: string; note?: string; state?: ChannelState };
export type PaletteGroup = { title: string; options: PaletteOption[] };

/** A pause in typing after which it is searched. */
const pauseMs = 120;

/**
 * What the palette offers for a text: channels and providers, asked of the server once typing pauses, and pages, which the
 * browser knows. Before anything is typed, what was pinned and opened last.
 */
export function usePaletteGroups(
  text: string,
  { path, isOperator }: { path: string; isOperator: boolean },
): { groups: PaletteGroup[]; state: "idle" | "searching" | "failed"; isCut: boolean } {
  const t = useTranslations("lists.palette");
  const q = text.trim();
  const { answer, state } = useSearch(q);
  const pages = usePalettePages(isOperator).filter(({ label }) => holds(label, q));
  const here = usePaletteChannelPages(path).filter(({ label }) => holds(label, q));
  const channels = answer.channels.map(({ id, name, providerName, state: stands }) => ({
    href: `/console/channel/${id}/${stands === null ? "basics" : "statistics/errors"}`,
    label: name,
    note: `${id} · ${providerName}`,
    ...(stands === null ? {} : { state: stands }),
  }));
  const providers = answer.providers.map(({ id, name }) => ({
    href: `/console/provider/${id}/channels`,
    label: name,
  }));
  const groups = [
    { title: t("channels"), options: channels },
    { title: t("here"), options: here },
    { title: t("providers"), options: providers },
    { title: t("pages"), options: pages },
  ].filter(({ options }) => options.length > 0);
  return { groups, state, isCut: answer.isCut };
}

const holds = (label: string, q: string): boolean =>
  q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => label.toLowerCase().includes(word));

const nothing: SearchAnswer = { channels: [], providers: [], isCut: false };

function useSearch(q: string) {
  const [answer, setAnswer] = useState<SearchAnswer>(nothing);
  const [state, setState] = useState<"idle" | "searching" | "failed">("searching");
  const [asked, setAsked] = useState(q);
  // Not a moment later than the text: what stands there until the answer comes belongs to another one.
  if (asked !== q) {
    setAsked(q);
    setState("searching");
  }
  useEffect(() => {
    const gone = new AbortController();
    setState("searching");
    const wait = setTimeout(
      async () => {
        try {
          const response = await fetch(`/console/search?${new URLSearchParams({ q })}`, {
            signal: gone.signal,
          });
          if (!response.ok) throw new Error(`answered ${response.status}`);
          setAnswer(await response.json());
          setState("idle");
        } catch {
          if (gone.signal.aborted) return;
          // What was found answers another text.
          setAnswer(nothing);
          setState("failed");
        }
      },
      q === "" ? 0 : pauseMs,
    );
    return () => {
      clearTimeout(wait);
      gone.abort();
    };
  }, [q]);
  return { answer, state };
}
