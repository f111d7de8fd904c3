import { useTranslations } from "next-intl";
import { PartHeading } from "#components/ui/part-heading.tsx";
import type { CauseCount } from "#lib/causes/schema.ts";
import { CauseText } from "./cause-text.tsx";

/** The likely causes of a row's errors, the most frequent first, with their shares where there are several. */
export function RowCauses({ causes }: { causes: readonly CauseCount[] }) {
  const t = useTranslations("causes.labels");
  const total = causes.reduce((sum, { count }) => sum + count, 0);
  return (
    <div>
      <PartHeading>{t("title")}</PartHeading>
      <div className="space-y-2.5">
        {causes.map(({ cause, count }) => (
          <CauseText
            key={cause}
            cause={cause}
            share={causes.length === 1 ? undefined : t("count", { count, total })}
          />
        ))}
      </div>
    </div>
  );
}
