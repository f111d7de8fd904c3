import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ThemeSwitch } from "#components/layout/theme-switch.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { FormCard } from "#components/ui/form-card.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { type EmailChangeState, findEmailChangeOf } from "#lib/accounts/change-email.ts";
import { hasPassword } from "#lib/accounts/queries.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { env } from "#lib/env.ts";
import { locales } from "#lib/messages/locales.ts";
import { database } from "#lib/web/database.ts";
import { requireUser } from "#lib/web/session.ts";
import { timeZones } from "#lib/webhook-errors/zones.ts";
import { askForVerification, changeEmail, dropEmailChange, edit } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.profile");
  return { title: t("title") };
}

export default async function ProfileBasicsPage() {
  const user = await requireUser();
  const { db } = database();
  const [change, asksPassword, t] = await Promise.all([
    findEmailChangeOf(db, user.id),
    hasPassword(db, user.id),
    getTranslations("common"),
  ]);
  return (
    <div className="grid grid-cols-1 gap-5">
      <Basics user={user} />
      <Card className="pb-1">
        <CardHeader title={t("theme")} action={<ThemeSwitch />} />
      </Card>
      {!user.isEmailVerified && <Unverified />}
      {change === null ? (
        <ChangeEmail user={user} asksPassword={asksPassword} />
      ) : (
        <EmailChanging change={change} />
      )}
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
      ]}
      submit={common("save")}
    />
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

async function ChangeEmail({ user, asksPassword }: { user: SessionUser; asksPassword: boolean }) {
  const t = await getTranslations("accounts");
  return (
    <FormCard
      title={
        <span className="flex flex-wrap items-center gap-2">
          {t("email")}
          {user.isEmailVerified && <Badge tone="good">{t("verify.verified")}</Badge>}
        </span>
      }
      text={t("emailChange.now", { email: user.email })}
      action={changeEmail}
      fields={[
        {
          name: "newEmail",
          label: t("emailChange.new"),
          type: "email",
          autoComplete: "off",
          maxLength: 254,
        },
        ...(asksPassword
          ? [
              {
                name: "currentPassword",
                label: t("currentPassword"),
                type: "password" as const,
                autoComplete: "current-password",
              },
            ]
          : []),
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
      <Notice title={t("underWay", { email: change.newEmail })}>
        <ul className="list-disc pl-5 text-dim">
          {missing.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </Notice>
    </FormCard>
  );
}
