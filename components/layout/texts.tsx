"use client";

import { NextIntlClientProvider } from "next-intl";
import { type ReactNode, use } from "react";
import type { Locale } from "#lib/messages/locales.ts";

type Texts = { texts: object };

/**
 * The texts of a place are scripts of their own, which browsers keep: written into each page they were half of its weight, and the
 * server's work with them.
 */
const places = {
  front: {
    en: () => import("#lib/messages/front-en.ts"),
    ja: () => import("#lib/messages/front-ja.ts"),
  },
  console: {
    en: () => import("#lib/messages/console-en.ts"),
    ja: () => import("#lib/messages/console-ja.ts"),
  },
} satisfies Record<string, Record<Locale, () => Promise<Texts>>>;

type Place = keyof typeof places;

const again = { firstMs: 500, longestMs: 8_000 };
const asked = new Map<string, Promise<Texts>>();

/** One and the same promise for all who ask: React reads at once what has come. */
function textsOf(place: Place, locale: Locale): Promise<Texts> {
  const key = `${place} ${locale}`;
  const known = asked.get(key) ?? bring(places[place][locale], again.firstMs);
  asked.set(key, known);
  return known;
}

/** Until they come: meanwhile the page stands there as the server wrote it. */
async function bring(load: () => Promise<Texts>, pauseMs: number): Promise<Texts> {
  try {
    return await load();
  } catch {
    await new Promise((settle) => setTimeout(settle, pauseMs));
    return bring(load, Math.min(2 * pauseMs, again.longestMs));
  }
}

/** Gives what stands in it the texts of `place`. */
export function TextsOf({
  place,
  children,
  ...given
}: {
  place: Place;
  locale: Locale;
  timeZone: string;
  children: ReactNode;
}) {
  const { texts } = use(textsOf(place, given.locale));
  return (
    <NextIntlClientProvider {...given} messages={texts}>
      {children}
    </NextIntlClientProvider>
  );
}
