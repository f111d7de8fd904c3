import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Link } from "#components/ui/link.tsx";
import type { FilteredPage } from "./filtered-page.ts";

/** The filters in force, each with a way to take it away: `href` leads to the view without it. */
export function FilterChips({
  page,
  chips,
  clearHref,
}: {
  page: FilteredPage;
  chips: readonly { name: string; href: string }[];
  /** To the view without any of them. */
  clearHref: string;
}) {
  const t = useTranslations(`${page}.filter`);
  if (chips.length === 0) return null;
  return (
    <ul className="flex flex-wrap items-center gap-2">
      {chips.map(({ name, href }) => (
        <li key={name} className="max-w-full">
          <Link
            href={href}
            scroll={false}
            prefetch={false}
            aria-label={t("remove", { name })}
            className="inline-flex min-h-7 max-w-full items-center gap-1.5 rounded-full border bg-surface px-2.5 text-sm wrap-anywhere hover:border-edge"
          >
            {name}
            <X aria-hidden className="size-3.5 shrink-0 text-dim" />
          </Link>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <Link
            href={clearHref}
            scroll={false}
            prefetch={false}
            className="text-sm text-brand hover:underline"
          >
            {t("clear")}
          </Link>
        </li>
      )}
    </ul>
  );
}
