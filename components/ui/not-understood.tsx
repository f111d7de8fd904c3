import { useTranslations } from "next-intl";
import type { NotUnderstood } from "#lib/not-understood.ts";
import { Callout } from "./callout.tsx";
import { Link } from "./link.tsx";

/** Says which parts of the page's address were left out. `href`: the same page without them. */
export function NotUnderstoodCallout({
  parts,
  href,
  holds,
}: {
  parts: readonly NotUnderstood[] | undefined;
  href: string;
  /** What is otherwise offered for all that the page shows, and is not now. */
  holds?: "file" | "fileAndRedelivery";
}) {
  const t = useTranslations("common.notUnderstood");
  if (parts === undefined || parts.length === 0) return null;
  return (
    <Callout tone="warn" role="alert" title={t("title")}>
      <p>
        {t("text")}{" "}
        {parts.map(({ name, value }) => (
          <code key={name} className="mr-2 wrap-anywhere">
            {name}={value}
          </code>
        ))}
      </p>
      {holds !== undefined && <p className="text-dim">{t(`holds.${holds}`)}</p>}
      <Link href={href} prefetch={false} className="text-brand hover:underline">
        {t("without")}
      </Link>
    </Callout>
  );
}
