import Link from "next/link";
import { useTranslations } from "next-intl";
import { buttonClass } from "#components/ui/button.tsx";
import { errorsHref, type PageStart } from "#lib/webhook-errors/filter.ts";
import type { ErrorsView } from "./errors-chart.tsx";

type TablePagesProps = {
  page: { previous: PageStart | null; next: PageStart | null };
  view: ErrorsView;
};

/** Pages by keyset have neighbours, no numbers. */
export function TablePages({ page, view: { channelId, filter } }: TablePagesProps) {
  const t = useTranslations("webhook-errors.table");
  if (page.previous === null && page.next === null) return null;
  const link = (label: string, start: PageStart | null, rel: string) =>
    start !== null && (
      <Link
        rel={rel}
        href={errorsHref(channelId, filter, { page: start })}
        scroll={false}
        prefetch={false}
        className={buttonClass({ size: "sm" })}
      >
        {label}
      </Link>
    );
  return (
    <nav aria-label={t("pages")} className="flex gap-2">
      {page.previous !== null && (
        <Link
          href={errorsHref(channelId, filter, { page: null })}
          scroll={false}
          prefetch={false}
          className={buttonClass({ look: "ghost", size: "sm" })}
        >
          {t("first")}
        </Link>
      )}
      {link(t("previous"), page.previous, "prev")}
      {link(t("next"), page.next, "next")}
    </nav>
  );
}
