import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { signInWithProvider, signOut } from "#app/(auth)/actions.ts";
import { InvitationFacts } from "#components/accounts/invitation-facts.tsx";
import { LinkGone } from "#components/accounts/link-gone.tsx";
import { NewAccountCard } from "#components/accounts/new-account-card.tsx";
import { ProviderButtons } from "#components/accounts/provider-buttons.tsx";
import { Button } from "#components/ui/button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Card } from "#components/ui/card.tsx";
import { FormCard } from "#components/ui/form-card.tsx";
import { Link } from "#components/ui/link.tsx";
import { env } from "#lib/env.ts";
import { findInvitation } from "#lib/invitations/queries.ts";
import { type InvitationOffer, placePath } from "#lib/invitations/schema.ts";
import { database } from "#lib/web/database.ts";
import { currentUser } from "#lib/web/session.ts";
import { offeredProviders } from "#lib/web/sign-in-providers.ts";
import { accept, acceptAsNew, ask } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.invitation");
  return { title: t("title") };
}

type Props = { params: Promise<{ token: string }> };
type PartProps = { offer: InvitationOffer; token: string };

export default async function InvitationPage({ params }: Props) {
  const { token } = await params;
  const [offer, user, t] = await Promise.all([
    findInvitation(database().db, token, env().signUp),
    currentUser(),
    getTranslations("accounts"),
  ]);
  // The mail stays, and its link is people's way back.
  if (offer?.state === "accepted" && user?.email === offer.email) redirect(placePath(offer.place));
  if (offer === null || offer.state !== "open") {
    return <LinkGone again={{ href: "/console", label: t("invitation.toConsole") }} />;
  }
  const part = { offer, token };
  if (user === null && offer.hasAccount) return <SignInFirst {...part} />;
  if (user === null)
    return offer.makesAccount ? <NewPerson {...part} /> : <AccountFirst offer={offer} />;
  if (user.email !== offer.email) return <OtherAddress {...part} email={user.email} />;
  return (
    <FormCard
      heading="h1"
      title={t("invitation.title")}
      action={accept}
      hidden={{ token }}
      submit={t("invitation.accept")}
    >
      <InvitationFacts offer={offer} />
    </FormCard>
  );
}

async function NewPerson({ offer, token }: PartProps) {
  const t = await getTranslations("accounts");
  return (
    <NewAccountCard
      title={t("invitation.title")}
      text={t("invitation.newText")}
      token={token}
      email={offer.email}
      action={acceptAsNew}
      footer={
        <ProviderButtons
          providers={offeredProviders()}
          action={signInWithProvider}
          next={`/invitation/${token}`}
        />
      }
    >
      <InvitationFacts offer={offer} />
    </NewAccountCard>
  );
}

/** Operators alone make accounts here, and none of them has invited this person. */
async function AccountFirst({ offer }: { offer: InvitationOffer }) {
  const t = await getTranslations("accounts.invitation");
  return (
    <Card className="grid gap-4 p-5">
      <h1 className="text-xl font-semibold">{t("title")}</h1>
      <InvitationFacts offer={offer} />
      <Callout>{t("byOperator", { email: offer.email })}</Callout>
    </Card>
  );
}

async function SignInFirst({ offer, token }: PartProps) {
  const t = await getTranslations("accounts.invitation");
  const search = new URLSearchParams({ next: `/invitation/${token}`, email: offer.email });
  return (
    <Card className="grid gap-4 p-5">
      <h1 className="text-xl font-semibold">{t("title")}</h1>
      <InvitationFacts offer={offer} />
      <p className="text-dim">{t("signInText", { email: offer.email })}</p>
      <Button asChild look="primary" className="justify-self-start">
        <Link href={`/sign-in?${search}`}>{t("signIn")}</Link>
      </Button>
    </Card>
  );
}

/** The invitation is for another mailbox than that of the account in use. */
async function OtherAddress({ offer, token, email }: PartProps & { email: string }) {
  const t = await getTranslations("accounts");
  return (
    <div className="grid grid-cols-1 gap-5">
      <FormCard
        heading="h1"
        title={t("invitation.title")}
        text={t("invitation.otherText", { invited: offer.email, email })}
        action={ask}
        hidden={{ token }}
        endsWhenDone
        submit={t("invitation.ask")}
      >
        <InvitationFacts offer={offer} />
      </FormCard>
      <FormCard
        title={t("invitation.otherAccount")}
        text={t("invitation.otherAccountText", { invited: offer.email })}
        action={signOut}
        hidden={{ next: `/invitation/${token}` }}
        submit={t("invitation.signOut")}
        look="quiet"
      />
    </div>
  );
}
