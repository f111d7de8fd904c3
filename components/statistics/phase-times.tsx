import { useTranslations } from "next-intl";

const phases = ["dns", "tcp", "tls", "sent", "headers", "body", "total"] as const;
type PhaseName = (typeof phases)[number];
const isPhase = (name: string): name is PhaseName => phases.some((phase) => phase === name);

/** How long each phase of an attempt took. A phase that is not known by name is shown as it was stored. */
export function PhaseTimes({
  passed,
}: {
  passed: readonly { phase: string; durationMs: number }[];
}) {
  const t = useTranslations("webhook-errors.single");
  return (
    <ul className="flex flex-wrap gap-x-4">
      {passed.map(({ phase, durationMs }) => (
        <li key={phase}>
          <span className="text-dim">{isPhase(phase) ? t(`phase.${phase}`) : phase}</span>{" "}
          <span className="tabular-nums">{t("ms", { ms: durationMs })}</span>
        </li>
      ))}
    </ul>
  );
}
