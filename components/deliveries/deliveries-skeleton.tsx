import { useTranslations } from "next-intl";
import { Skeleton } from "#components/ui/skeleton.tsx";

/** The page before the log is read. */
export function DeliveriesSkeleton() {
  const t = useTranslations("common");
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">{t("loading")}</span>
      <p className="hidden noscript:block">{t("needsScript")}</p>
      <Skeleton className="h-9 w-96 max-w-full" />
      <Skeleton className="h-[36rem] rounded-card" />
    </div>
  );
}
