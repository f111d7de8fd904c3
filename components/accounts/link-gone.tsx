import { useTranslations } from "next-intl";
import { Card } from "#components/ui/card.tsx";
import { Link } from "#components/ui/link.tsx";

/** For links from mails that were used, replaced by a newer mail, or are too old. They all look the same. */
export function LinkGone({ again }: { again: { href: string; label: string } }) {
  const t = useTranslations("accounts.linkGone");
  return (
    <Card className="p-5">
      <h1 className="text-xl font-semibold">{t("title")}</h1>
      <p className="mt-1 text-dim">{t("text")}</p>
      <p className="mt-4 text-sm">
        <Link href={again.href} className="text-brand hover:underline">
          {again.label}
        </Link>
      </p>
    </Card>
  );
}
