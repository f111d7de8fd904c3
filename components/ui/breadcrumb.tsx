import { useTranslations } from "next-intl";
import { Fragment } from "react";
import { Link } from "./link.tsx";

export type Crumb = { label: string; href?: string };

/** Where the page stands; the last crumb is the page's own place. */
export function Breadcrumb({ crumbs }: { crumbs: readonly Crumb[] }) {
  const t = useTranslations("common");
  return (
    <nav aria-label={t("breadcrumb")} className="text-sm text-dim">
      <ol className="flex flex-wrap items-center gap-x-1.5">
        {crumbs.map((crumb, place) => (
          <Fragment key={crumb.href ?? crumb.label}>
            {place > 0 && (
              <li aria-hidden className="text-edge">
                /
              </li>
            )}
            <li className="min-w-0">
              {crumb.href === undefined ? (
                crumb.label
              ) : (
                <Link
                  prefetch={false}
                  href={crumb.href}
                  className="-mx-0.5 inline-block rounded-sm px-0.5 py-0.5 hover:text-ink"
                >
                  {crumb.label}
                </Link>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}
