import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import { Card } from "#components/ui/card.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";

/** Shown once. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  const t = useTranslations("accounts.factor");
  return (
    <Card className="grid gap-4 p-5">
      <Callout tone="good" role="status" title={t("codesTitle")}>
        {t("codesText")}
      </Callout>
      <ul className="grid max-w-md grid-cols-1 gap-x-8 gap-y-1 font-mono sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div>
        <CopyButton text={codes.join("\n")} what={t("codes")} />
      </div>
      <p className="text-sm">
        <a href="/console/profile/security" className="text-brand hover:underline">
          {t("codesKept")}
        </a>
      </p>
    </Card>
  );
}
