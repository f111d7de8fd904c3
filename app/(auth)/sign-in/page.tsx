import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { signIn, signInWithProvider } from "#app/(auth)/actions.ts";
import { emailField, passwordField } from "#components/accounts/account-fields.ts";
import { ProviderButtons } from "#components/accounts/provider-buttons.tsx";
import { ResetReportCallout } from "#components/accounts/reset-report.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { FormCard } from "#components/ui/form-card.tsx";
import { Link } from "#components/ui/link.tsx";
import { readReport } from "#lib/accounts/reset-report.ts";
import { env } from "#lib/env.ts";
import { safePath } from "#lib/web/next-path.ts";
import { providerRefusal } from "#lib/web/refusal.ts";
import { currentUser, requireSetUp } from "#lib/web/session.ts";
import { readNextPath } from "#lib/web/sign-in.ts";
import { offeredProviders } from "#lib/web/sign-in-providers.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.signIn");
  return { title: t("title") };
}

type Search = Record<string, string | string[] | undefined>;
const text = (value: Search[string]): string => (typeof value === "string" ? value : "");

export default async function SignInPage({ searchParams }: { searchParams: Promise<Search> }) {
  await requireSetUp();
  const search = await searchParams;
  // A provider leads back with what it came to alone.
  const isRefused = text(search.refused) !== "" || text(search.error) !== "";
  const next = safePath(text(search.next)) ?? (isRefused ? await readNextPath() : null) ?? "";
  const along = next === "" ? "" : `?${new URLSearchParams({ next })}`;
  if ((await currentUser()) !== null) redirect(next === "" ? "/console" : next);
  const [t, refusal] = await Promise.all([
    getTranslations("accounts"),
    providerRefusal(text(search.refused), text(search.error)),
  ]);
  const providers = offeredProviders();
  return (
    <FormCard
      heading="h1"
      title={t("signIn.title")}
      text={t("signIn.text")}
      action={signIn}
      hidden={{ next }}
      fields={[emailField(t, text(search.email)), passwordField(t("password"), "password")]}
      submit={t("signIn.action")}
      footer={
        <>
          <ProviderButtons providers={providers} action={signInWithProvider} next={next} />
          <p className="flex flex-wrap gap-x-5 gap-y-2 text-sm">
            <Link href={`/forgot-password${along}`} className="text-brand hover:underline">
              {t("signIn.forgot")}
            </Link>
            {env().signUp === "open" && (
              <Link href={`/sign-up${along}`} className="text-brand hover:underline">
                {t("signIn.signUp")}
              </Link>
            )}
          </p>
        </>
      }
    >
      {refusal !== null && (
        <Callout tone="bad" role="alert">
          {refusal}
        </Callout>
      )}
      {search.done === "reset" && (
        <ResetReportCallout report={readReport(search)} providers={providers} />
      )}
    </FormCard>
  );
}
