import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { findProofForForms, type ProofForForms } from "#app/(console)/console/find-proof.ts";
import { passwordField } from "#components/accounts/account-fields.ts";
import { SignInAgain } from "#components/accounts/sign-in-again.tsx";
import { QuietHoursForm } from "#components/notifications/quiet-hours-form.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { FormCard } from "#components/ui/form-card.tsx";
import { type EmailChangeState, findEmailChangeOf } from "#lib/accounts/change-email.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { themes } from "#lib/accounts/theme.ts";
import { env } from "#lib/env.ts";
import { locales } from "#lib/messages/locales.ts";
import { findQuietHours } from "#lib/notifications/save-quiet-hours.ts";
import type { QuietHours } from "#lib/quiet-hours/schema.ts";
import { timeZones } from "#lib/time/zones.ts";
import { database } from "#lib/web/database.ts";
import { requireUser } from "#lib/web/session.ts";
import {
  askForVerification,
  changeEmail,
  dropEmailChange,
  edit,
  setQuietHours,
} from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.profile");
  return { title: t("title") };
}

export default async function ProfileBasicsPage() {
  const user = await requireUser();
  const { db } = database();
  const [change, quietHours, proof] = await Promise.all([
    findEmailChangeOf(db, user.id),
    findQuietHours(db, { userId: user.id }),
    findProofForForms(user.id, "/console/profile/basics"),
  ]);
  return (
    <div className="grid grid-cols-1 gap-5">
      <Basics user={user} />
      {!user.isEmailVerified && <Unverified />}
      {change === null ? (
        <ChangeEmail user={user} proof={proof} />
      ) : (
        <EmailChanging change={change} />
      )}
      <QuietHoursCard user={user} hours={quietHours} />
    </div>
  );
}

async function Basics({ user }: { user: SessionUser }) {
  const [t, common] = await Promise.all([getTranslations("accounts"), getTranslations("common")]);
  return (
    <FormCard
      title={t("profile.tabs.basics")}
      action={edit}
      fields={[
        { name: "name", label: t("name"), autoComplete: "name", maxLength: 60, value: user.name },
        {
          name: "locale",
          label: common("language"),
          value: user.locale,
          options: locales.map((one) => ({ value: one, label: common(`languages.${one}`) })),
        },
        {
          name: "timeZone",
          label: t("profile.timeZone"),
          required: false,
          value: user.timeZone ?? "",
          options: [
            { value: "", label: t("profile.defaultZone", { zone: env().displayTimeZone }) },
            ...timeZones.map((zone) => ({ value: zone, label: zone })),
          ],
        },
        {
          name: "theme",
          label: common("theme"),
          hint: t("profile.themeHint"),
          value: user.theme,
          options: themes.map((one) => ({ value: one, label: common(`themes.${one}`) })),
        },
      ]}
      submit={common("save")}
    />
  );
}

async function QuietHoursCard({ user, hours }: { user: SessionUser; hours: QuietHours | null }) {
  const t = await getTranslations("notifications.quietHours");
  const zone = user.timeZone ?? env().displayTimeZone;
  return (
    <Card id="quiet-hours">
      <CardHeader title={t("title")} text={t("textOwn", { text: t("text") })} />
      <CardBody>
        <QuietHoursForm of={{ whose: "own", zone }} hours={hours} action={setQuietHours} />
      </CardBody>
    </Card>
  );
}

async function Unverified() {
  const t = await getTranslations("accounts.verify");
  return (
    <FormCard
      title={t("notYet")}
      text={t("notYetText")}
      action={askForVerification}
      submit={t("get")}
      look="quiet"
      endsWhenDone
    />
  );
}

async function ChangeEmail({ user, proof }: { user: SessionUser; proof: ProofForForms }) {
  const t = await getTranslations("accounts");
  const title = (
    <span className="flex flex-wrap items-center gap-2">
      {t("email")}
      {user.isEmailVerified && <Badge tone="good">{t("verify.verified")}</Badge>}
    </span>
  );
  const text = t("emailChange.now", { email: user.email });
  if (typeof proof === "object") return <SignInAgain title={title} text={text} way={proof} />;
  return (
    <FormCard
      title={title}
      text={text}
      action={changeEmail}
      fields={[
        {
          name: "newEmail",
          label: t("emailChange.new"),
          type: "email",
          autoComplete: "off",
          maxLength: 254,
        },
        ...(proof === "password" ? [passwordField(t("currentPassword"), "currentPassword")] : []),
      ]}
      submit={t("emailChange.ask")}
      look="quiet"
    />
  );
}

async function EmailChanging({ change }: { change: EmailChangeState }) {
  const t = await getTranslations("accounts.emailChange");
  const missing = [
    ...(change.oldConfirmed ? [] : [t("missingOld")]),
    ...(change.newConfirmed ? [] : [t("missingNew")]),
  ];
  return (
    <FormCard title={t("title")} action={dropEmailChange} submit={t("drop")} look="quiet">
      <Callout title={t("underWay", { email: change.newEmail })}>
        <ul className="list-disc pl-5 text-dim">
          {missing.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </Callout>
    </FormCard>
  );
}
