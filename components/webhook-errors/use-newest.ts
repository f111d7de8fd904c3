import { useState } from "react";
import type { TakeFigures } from "#components/live/use-live.ts";
import { fromWire } from "#lib/live/wire.ts";
import type { ErrorsFigures, ToldFigures } from "./errors-figures.ts";

type Sent = { key: string; figures: ToldFigures };
type Message = { audience: number; figures: ToldFigures };

/**
 * The newest figures of a view: those that the page was rendered with, or those that were sent since, whichever were read
 * later. `isPageOld` says of sent ones whether what the server alone renders has to follow.
 */
export function useNewest(
  rendered: ErrorsFigures,
  key: string,
  isPageOld: (figures: ToldFigures) => boolean,
): { figures: ErrorsFigures; sent: ToldFigures | null; takeFigures: TakeFigures } {
  const [last, setLast] = useState<Sent | null>(null);
  const isNewest = last?.key === key && last.figures.asOf > rendered.asOf;
  const sent = isNewest ? last.figures : null;
  return {
    sent,
    figures: sent ?? rendered,
    takeFigures: (told) => {
      const { audience, figures } = fromWire<Message>(told);
      setLast((before) => (isOlder(figures, before, key) ? before : { key, figures }));
      return { audience, isPageOld: isPageOld(figures) };
    },
  };
}

const isOlder = (figures: ToldFigures, before: Sent | null, key: string): boolean =>
  before?.key === key && figures.asOf < before.figures.asOf;
