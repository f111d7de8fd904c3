import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";

export type WrongClock = { part: string; host: string; offsetMs: number };

/** Machines whose clocks are not the database's: which, how far, what it leads to, and what to do. */
export function ClocksCallout({ clocks }: { clocks: readonly WrongClock[] }) {
  const t = useTranslations("operations.clocks");
  return (
    <Callout tone="bad" role="alert" title={t("title")}>
      <ul className="list-disc pl-5">
        {clocks.map(({ part, host, offsetMs }) => (
          <li key={`${part} ${host}`}>
            {t(offsetMs > 0 ? "ahead" : "behind", { part, host, ...spanOf(Math.abs(offsetMs)) })}
          </li>
        ))}
      </ul>
      <p>{t("effect")}</p>
      <p>{t("check")}</p>
    </Callout>
  );
}

const minuteMs = 60_000;
const units = [
  { unit: "days", ms: 1_440 * minuteMs },
  { unit: "hours", ms: 60 * minuteMs },
  { unit: "minutes", ms: minuteMs },
] as const;

/** In the largest unit of which there are two. */
function spanOf(ms: number): { unit: string; count: number } {
  const found = units.find((one) => ms >= 2 * one.ms);
  return found === undefined
    ? { unit: "seconds", count: Math.round(ms / 1_000) }
    : { unit: found.unit, count: Math.round(ms / found.ms) };
}
