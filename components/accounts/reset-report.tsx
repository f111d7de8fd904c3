import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import { isProvider, type ResetReport } from "#lib/accounts/reset-report.ts";
import type { SignInProvider } from "#lib/accounts/schema.ts";

/** That the new password is set, what ended with it, and what beside it still leads into the account. */
export function ResetReportCallout({
  report,
  providers,
}: {
  report: ResetReport;
  providers: readonly SignInProvider[];
}) {
  const t = useTranslations("accounts.reset");
  const nameOf = (word: string) => providers.find(({ id }) => id === word)?.name ?? word;
  const ended = report.ended.map((word) =>
    isProvider(word) ? t("ended.provider", { name: nameOf(word) }) : t(`ended.${word}`),
  );
  const kept = report.kept.map((word) =>
    isProvider(word) ? t("kept.provider", { name: nameOf(word) }) : t(`kept.${word}`),
  );
  return (
    <>
      <Callout tone="good">{t("done")}</Callout>
      {ended.length > 0 && <Listed title={t("ended.title")} lines={ended} note={t("ended.note")} />}
      {kept.length > 0 && <Listed title={t("kept.title")} lines={kept} note={t("kept.note")} />}
    </>
  );
}

function Listed({ title, lines, note }: { title: string; lines: readonly string[]; note: string }) {
  return (
    <Callout title={title}>
      <ul className="list-disc pl-5">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p className="mt-1 text-sm text-dim">{note}</p>
    </Callout>
  );
}
