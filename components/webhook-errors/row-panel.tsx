import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { RowCauses } from "#components/causes/row-causes.tsx";
import { Link } from "#components/ui/link.tsx";
import { PartHeading } from "#components/ui/part-heading.tsx";
import type { CauseCount } from "#lib/causes/schema.ts";
import { explanationKey } from "#lib/webhook-errors/explain.ts";
import type { RowKey } from "#lib/webhook-errors/schema.ts";

/** An open row: cause and fix left, the single errors right. */
export function RowPanel({
  row,
  causes,
  verifyHref,
  singles,
}: {
  row: RowKey;
  /** Empty: none is kept for its errors, so the usual ones are told. */
  causes: readonly CauseCount[];
  /** Null: the person may not verify. */
  verifyHref: string | null;
  singles: ReactNode;
}) {
  return (
    <div className="grid gap-x-10 gap-y-5 border-t border-dashed pt-3 lg:grid-cols-2">
      <Explanation row={row} causes={causes} verifyHref={verifyHref} />
      <div className="min-w-0">{singles}</div>
    </div>
  );
}

function Explanation({
  row,
  causes,
  verifyHref,
}: {
  row: RowKey;
  causes: readonly CauseCount[];
  verifyHref: string | null;
}) {
  const t = useTranslations("webhook-errors.row");
  const explain = useTranslations("explanations");
  const key = explanationKey(row.reason, row.detail);
  return (
    <div className="max-w-prose space-y-2.5">
      <div>
        <PartHeading>{t("happened")}</PartHeading>
        <p>{explain(`${key}.happened`)}</p>
      </div>
      {causes.length > 0 ? (
        <RowCauses causes={causes} />
      ) : (
        <div>
          <PartHeading>{t("causes")}</PartHeading>
          <p>{explain(`${key}.causes`)}</p>
        </div>
      )}
      <div>
        <PartHeading>{t("checks")}</PartHeading>
        <ul className="list-disc space-y-0.5 pl-5 marker:text-dim">
          {explain(`${key}.checks`)
            .split("\n")
            .map((line) => (
              <li key={line}>{line}</li>
            ))}
        </ul>
      </div>
      {verifyHref !== null && (
        <p>
          <Link prefetch={false} href={verifyHref} className="text-brand hover:underline">
            {t("verify")} <span aria-hidden>→</span>
          </Link>
        </p>
      )}
    </div>
  );
}
