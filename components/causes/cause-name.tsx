import { useTranslations } from "next-intl";
import { Link } from "#components/ui/link.tsx";
import { causeHref, type LikelyCause } from "#lib/causes/schema.ts";

/** A likely cause by its name, where its words stand beside. */
export function CauseName({ cause }: { cause: LikelyCause }) {
  const t = useTranslations("causes");
  return (
    <Link prefetch={false} href={causeHref(cause)} className="text-brand hover:underline">
      {t(`${cause}.name`)}
    </Link>
  );
}
