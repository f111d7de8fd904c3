import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { findProofForForms, type ProofForForms } from "#app/(console)/console/find-proof.ts";
import { proofOfPerson } from "#app/(console)/console/proof-of-person.tsx";
import { newPasswordField, passwordField } from "#components/accounts/account-fields.ts";
import { FactorCards } from "#components/accounts/factor-cards.tsx";
import { ProvidersCard } from "#components/accounts/providers-card.tsx";
import { SessionsCard } from "#components/accounts/sessions-card.tsx";
import { SignInAgain } from "#components/accounts/sign-in-again.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { FormCard } from "#components/ui/form-card.tsx";
import { listSolePlaces } from "#lib/accounts/delete-account.ts";
import { listLinkedProviders } from "#lib/accounts/external-accounts.ts";
import { listSessions } from "#lib/accounts/list-sessions.ts";
import { qrPath } from "#lib/accounts/qr-path.ts";
import { findSecondFactor } from "#lib/accounts/second-factor.ts";
import { env, runtimeEnv } from "#lib/env.ts";
import { placePath } from "#lib/invitations/schema.ts";
import { database } from "#lib/web/database.ts";
import { providerRefusal } from "#lib/web/refusal.ts";
import { requireUser } from "#lib/web/session.ts";
import { readSessionId } from "#lib/web/session-cookie.ts";
import { offeredProviders } from "#lib/web/sign-in-providers.ts";
import * as actions from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.profile");
  return { title: t("tabs.security") };
}

type Props = { searchParams: Promise<{ refused?: string | string[]; linked?: string | string[] }> };

export default async function SecurityPage({ searchParams }: Props) {
  const user = await requireUser();
  const { db } = database();
  const search = await searchParams;
  const refused = typeof search.refused === "string" ? search.refused : "";
  const [proof, proofOfSession, factor, linked, sessions, places, refusal, t] = await Promise.all([
    findProofForForms(user.id, "/console/profile/security"),
    proofOfPerson(user.id, "/console/profile/security"),
    findSecondFactor(db, runtimeEnv().encryptionKey, user),
    listLinkedProviders(db, user.id),
    readSessionId().then((id) => listSessions(db, user.id, id)),
    listSolePlaces(db, user.id),
    providerRefusal(refused, ""),
    getTranslations("accounts"),
  ]);
  const providers = offeredProviders();
  const mayLink = providers.some(({ id }) => !linked.some(({ provider }) => provider === id));
  const offer = factor.offer && { ...factor.offer, qr: qrPath(factor.offer.uri) };
  return (
    <div className="grid grid-cols-1 gap-5">
      {refusal !== null && (
        <Callout tone="bad" role="alert">
          {refusal}
        </Callout>
      )}
      {search.linked === "1" && <Callout tone="good">{t("providers.linked")}</Callout>}
      <Password proof={proof} />
      <FactorCards
        isOn={factor.isOn}
        codesLeft={factor.codesLeft}
        offer={offer}
        proof={proof}
        actions={{
          offer: actions.offerFactor,
          withdraw: actions.withdrawFactor,
          confirm: actions.confirmFactor,
          remove: actions.removeFactor,
          renew: actions.renewCodes,
        }}
      />
      {providers.length + linked.length > 0 && (
        <ProvidersCard
          providers={providers}
          linked={linked}
          proof={mayLink ? proofOfSession : null}
          actions={{ link: actions.link, unlink: actions.unlink }}
        />
      )}
      <SessionsCard
        sessions={sessions}
        timeZone={user.timeZone ?? env().displayTimeZone}
        actions={{ endOne: actions.endOne, endOthers: actions.endOthers }}
      />
      <DeleteAccount
        proof={proof}
        email={user.email}
        places={places.map((place) => ({ ...place, href: placePath(place) }))}
      />
    </div>
  );
}

async function Password({ proof }: { proof: ProofForForms }) {
  const t = await getTranslations("accounts");
  const text = t(proof === "password" ? "security.password.text" : "security.password.first");
  if (typeof proof === "object")
    return <SignInAgain title={t("password")} text={text} way={proof} />;
  return (
    <FormCard
      title={t("password")}
      text={text}
      action={actions.changePassword}
      fields={[
        ...(proof === "password" ? [passwordField(t("currentPassword"), "currentPassword")] : []),
        newPasswordField(t, t("newPassword")),
      ]}
      submit={t("security.password.action")}
      look="quiet"
    />
  );
}

async function DeleteAccount({
  proof,
  email,
  places,
}: {
  proof: ProofForForms;
  email: string;
  places: readonly { id: string; name: string; href: string }[];
}) {
  const t = await getTranslations("accounts");
  const texts = { title: t("security.delete.title"), text: t("security.delete.text") };
  if (typeof proof === "object") return <SignInAgain {...texts} way={proof} />;
  return (
    <FormCard
      {...texts}
      action={actions.remove}
      fields={[
        proof === "password"
          ? passwordField(t("currentPassword"), "currentPassword")
          : {
              name: "confirmation",
              label: t("security.delete.confirm", { email }),
              type: "email",
              autoComplete: "off",
            },
      ]}
      submit={t("security.delete.action")}
      look="danger"
    >
      {places.length > 0 && (
        <Callout tone="warn" title={t("security.delete.sole")}>
          <ul className="list-disc pl-5">
            {places.map((place) => (
              <li key={place.id}>
                <a href={place.href} className="underline">
                  {place.name}
                </a>
              </li>
            ))}
          </ul>
        </Callout>
      )}
    </FormCard>
  );
}
