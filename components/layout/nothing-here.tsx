import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Link } from "#components/ui/link.tsx";

/** For what is not there, and for what the person has no role in: both look the same. */
export function NothingHere() {
  const t = useTranslations("common.notFound");
  return (
    <div className="mx-auto max-w-2xl py-16">
      <h1 className="sr-only">{t("title")}</h1>
      <EmptyState
        title={t("title")}
        text={t("text")}
        action={
          <Button asChild look="primary">
            <Link href="/console">{t("action")}</Link>
          </Button>
        }
      />
    </div>
  );
}
