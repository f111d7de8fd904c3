import "server-only";
import { render } from "@react-email/render";
import { createElement } from "react";
import { createTranslator } from "use-intl/core";
import {
  AccountMail,
  type AccountMailWords,
  accountMailText,
} from "#components/mails/account-mail.tsx";
import {
  type AccountMailContent,
  type AccountMail as Mail,
  type PostAccountMail,
  secretMailKinds,
} from "#lib/accounts/mail.ts";
import type { EndedAccess, KeptAccess } from "#lib/accounts/schema.ts";
import { env, runtimeEnv } from "#lib/env.ts";
import { formatDateTime } from "#lib/format.ts";
import { harmlessName } from "#lib/harmless-name.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import type { Locale } from "#lib/messages/locales.ts";
import { parseMailbox } from "#lib/outbox/mail-address.ts";
import { postMail } from "#lib/outbox/post-mail.ts";

/** Renders a mail about an account in its reader's language and puts it into the outbox. */
export const postAccountMail: PostAccountMail = async (tx, mail) => {
  const { baseUrl, smtpUrl, mailFrom } = env();
  const words = wordsFor(mail);
  const url = `${baseUrl}${mail.path}`;
  await postMail(
    tx,
    {
      recipient: mail.to,
      locale: mail.locale,
      subject: words.subject,
      html: await render(createElement(AccountMail, { locale: mail.locale, words, url })),
      text: accountMailText(words, url),
      isSecret: secretMailKinds.includes(mail.kind),
    },
    {
      encryptionKey: runtimeEnv().encryptionKey,
      keep: smtpUrl === undefined,
      messageIdDomain: parseMailbox(mailFrom).address.split("@")[1] ?? "localhost",
    },
  );
};

type Words = AccountMailWords & { subject: string };
type Translator = ReturnType<typeof translatorFor>;

const translatorFor = (locale: Locale) =>
  createTranslator({ locale, messages: messagesFor(locale), namespace: "account-mails" });

function wordsFor(mail: Mail): Words {
  const t = translatorFor(mail.locale);
  const host = new URL(env().baseUrl).host;
  return {
    ...openingOf(t, mail),
    action: t(`${mail.kind}.action`),
    footer: [t("footer.why"), t("footer.from", { host })],
  };
}

function openingOf(t: Translator, mail: Mail): Omit<Words, "action" | "footer"> {
  switch (mail.kind) {
    case "reset_password":
      return { ...plain(t, mail.kind), lead: t("reset_password.lead", { minutes: mail.minutes }) };
    case "sign_up":
      return { ...plain(t, mail.kind), lead: t("sign_up.lead", { hours: mail.hours }) };
    case "sign_up_known":
      return { ...plain(t, mail.kind), lead: t("sign_up_known.lead") };
    case "verify_email":
      return { ...plain(t, mail.kind), lead: t("verify_email.lead", { hours: mail.hours }) };
    case "email_change_old":
    case "email_change_new": {
      const { newEmail, hours } = mail;
      return { ...plain(t, mail.kind), lead: t(`${mail.kind}.lead`, { newEmail, hours }) };
    }
    case "invitation":
      return invitationWords(t, mail, mail.to);
    case "invitation_asked": {
      const { placeName, email, invited } = mail;
      return {
        ...plain(t, mail.kind),
        lead: t(`${mail.kind}.lead`, { placeName, email, invited }),
      };
    }
    case "security":
      return securityWords(t, mail, mail.timeZone ?? env().displayTimeZone);
  }
}

type Of<Kind extends AccountMailContent["kind"]> = Extract<AccountMailContent, { kind: Kind }>;
type PlainKind = Exclude<AccountMailContent["kind"], "invitation" | "security">;

const plain = (t: Translator, kind: PlainKind) => ({
  subject: t(`${kind}.subject`),
  title: t(`${kind}.title`),
  note: t(`${kind}.note`),
  facts: [],
});

function invitationWords(
  t: Translator,
  { place, inviter, days }: Of<"invitation">,
  email: string,
): Omit<Words, "action" | "footer"> {
  const fact = (key: "provider" | "channel" | "role" | "inviter" | "email", value: string) => ({
    label: t(`invitation.facts.${key}`),
    value,
  });
  return {
    subject: t(`invitation.subjects.${place?.kind ?? "console"}`),
    title: t("invitation.title"),
    lead: t(`invitation.leads.${place?.kind ?? "console"}`, { inviter, name: place?.name ?? "" }),
    facts: [
      ...(place === null ? [] : [fact(place.kind, place.name), fact("role", place.role)]),
      fact("inviter", inviter),
      fact("email", email),
    ],
    note: t("invitation.note", { inviter, days }),
  };
}

/** As on its button. One that is configured no more is called by its id. */
const providerName = (id: string): string | undefined =>
  env().signInProviders.find((provider) => provider.id === id)?.name;

function securityWords(
  t: Translator,
  { change, detail, at, ...outcome }: Of<"security">,
  timeZone: string,
): Omit<Words, "action" | "footer"> {
  const what = t(`security.changes.${change}`);
  const ended = outcome.ended.map((one) => endedWords(t, one)).join("; ");
  const kept = outcome.kept.map((one) => keptWords(t, one)).join("; ");
  return {
    subject: t("security.subject", { change: what }),
    title: t("security.title"),
    lead: t("security.lead", { change: what }),
    facts: [
      ...(detail === null
        ? []
        : [{ label: t("security.facts.detail"), value: providerName(detail) ?? detail }]),
      { label: t("security.facts.at"), value: formatDateTime(at, timeZone) },
      ...(ended === "" ? [] : [{ label: t("security.facts.ended"), value: ended }]),
      ...(kept === "" ? [] : [{ label: t("security.facts.kept"), value: kept }]),
    ],
    note: t("security.note"),
  };
}

const nameOf = (provider: string): string => providerName(provider) ?? provider;

function endedWords(t: Translator, one: EndedAccess): string {
  switch (one.what) {
    case "email_change":
      return t("security.ended.email_change", { email: one.detail });
    case "provider":
      return t("security.ended.provider", { name: nameOf(one.detail) });
    case "invitations":
      return t("security.ended.invitations", listed(one.detail));
    case "second_factor_offer":
    case "sign_in_begun":
    case "link_begun":
      return t(`security.ended.${one.what}`);
  }
}

function keptWords(t: Translator, one: KeptAccess): string {
  switch (one.what) {
    case "provider":
      return t("security.kept.provider", { name: nameOf(one.detail) });
    case "second_factor":
      return t("security.kept.second_factor");
    case "invitations":
    case "channel_tokens":
    case "platform_keys":
      return t(`security.kept.${one.what}`, listed(one.detail));
  }
}

const listedMax = 10;

/** The newest by name; whoever got into the account may have chosen the names. */
const listed = (names: readonly string[]) => ({
  names: names.slice(0, listedMax).map(harmlessName).join(", "),
  more: Math.max(0, names.length - listedMax),
});
