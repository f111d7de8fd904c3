import { useTranslations } from "next-intl";
import { Skeleton } from "./skeleton.tsx";

/** What stands where a page is on its way: the shape of a head and of two cards. */
export function LoadingPage() {
  const t = useTranslations("common");
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">{t("loading")}</span>
      <Skeleton className="h-28 w-full rounded-card" />
      <Skeleton className="h-72 w-full rounded-card" />
    </div>
  );
}
