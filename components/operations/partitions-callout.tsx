import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";

export type PartitionsCalloutProps = {
  daysAhead: number;
  overdue: readonly string[];
  strays: readonly string[];
};

const namesMax = 5;

/** The keeper of partitions fails or does not run: what is wrong, what it leads to, and what to do. */
export function PartitionsCallout({ daysAhead, overdue, strays }: PartitionsCalloutProps) {
  const t = useTranslations("operations.partitions");
  const names = (all: readonly string[]) => all.slice(0, namesMax).join(", ");
  return (
    <Callout tone="bad" role="alert" title={t("title")}>
      <ul className="list-disc pl-5">
        {daysAhead < 3 && <li>{t("ahead", { days: daysAhead })}</li>}
        {overdue.length > 0 && (
          <li>{t("overdue", { count: overdue.length, names: names(overdue) })}</li>
        )}
        {strays.length > 0 && <li>{t("strays", { names: names(strays) })}</li>}
      </ul>
      <p>{t("check")}</p>
    </Callout>
  );
}
