import { useTranslations } from "next-intl";
import { Link } from "#components/ui/link.tsx";
import { causeHref, type LikelyCause } from "#lib/causes/schema.ts";

/** A likely cause in words: its name, what probably lies behind, what to do, and where more of it stands. */
export function CauseText({ cause, share }: { cause: LikelyCause; share?: string | undefined }) {
  const t = useTranslations("causes");
  return (
    <div className="max-w-prose">
      <p className="font-medium">
        {t(`${cause}.name`)}
        {share !== undefined && (
          <span className="font-normal text-dim tabular-nums"> · {share}</span>
        )}
      </p>
      <p>{t(`${cause}.cause`)}</p>
      <p className="mt-1">
        <span className="text-dim">{t("labels.do")}:</span> {t(`${cause}.action`)}
      </p>
      <p>
        <Link
          prefetch={false}
          href={causeHref(cause)}
          className="text-sm text-brand hover:underline"
        >
          {t("labels.more")} <span aria-hidden>→</span>
        </Link>
      </p>
    </div>
  );
}
