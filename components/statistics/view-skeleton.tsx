import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Skeleton } from "#components/ui/skeleton.tsx";

/** A page before its figures are there: the place of the toolbar, and below it (`children`) those of its parts. */
export function ViewSkeleton({ children }: { children: ReactNode }) {
  const t = useTranslations("common");
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">{t("loading")}</span>
      <p className="hidden noscript:block">{t("needsScript")}</p>
      <Skeleton className="h-9 w-96 max-w-full" />
      {children}
    </div>
  );
}
