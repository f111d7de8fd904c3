import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { signInWithCode } from "#app/(auth)/actions.ts";
import { BackToSignIn } from "#components/accounts/back-to-sign-in.tsx";
import { FormCard } from "#components/ui/form-card.tsx";
import { isChallenge } from "#lib/accounts/sign-in-with-code.ts";
import { database } from "#lib/web/database.ts";
import { readFlow } from "#lib/web/flow-cookies.ts";
import { signInPath } from "#lib/web/next-path.ts";
import { readNextPath } from "#lib/web/sign-in.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.code");
  return { title: t("title") };
}

export default async function CodePage() {
  const [challenge, next] = await Promise.all([readFlow("code"), readNextPath()]);
  const back = signInPath(next);
  if (challenge === null || !(await isChallenge(database().db, challenge))) redirect(back);
  const t = await getTranslations("accounts.code");
  return (
    <FormCard
      heading="h1"
      title={t("title")}
      text={t("text")}
      action={signInWithCode}
      fields={[
        {
          name: "code",
          label: t("label"),
          hint: t("hint"),
          autoComplete: "one-time-code",
          maxLength: 40,
        },
      ]}
      submit={t("action")}
      footer={<BackToSignIn href={back}>{t("back")}</BackToSignIn>}
    />
  );
}
