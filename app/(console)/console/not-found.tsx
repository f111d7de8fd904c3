import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";

export default async function NotFoundPage() {
  const t = await getTranslations("common.notFound");
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
