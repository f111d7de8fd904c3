"use server";

import { getTranslations } from "next-intl/server";
import { postAccountMail } from "#app/account-mails.ts";
import { LinkForm, NewAccountForm } from "#lib/accounts/schema.ts";
import { env } from "#lib/env.ts";
import { acceptInvitation, acceptWithNewAccount } from "#lib/invitations/accept.ts";
import { askInviter } from "#lib/invitations/ask-inviter.ts";
import { placePath } from "#lib/invitations/schema.ts";
import { userAction, visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { leadTo } from "#lib/web/lead-to.ts";
import { requestVisitor } from "#lib/web/session.ts";
import { startSession } from "#lib/web/sign-in.ts";
import { currentTaste } from "#lib/web/taste.ts";

export const accept = userAction("invitation_accepted", LinkForm, async ({ user, input }) => {
  const { place } = await acceptInvitation(database().db, user, input.token);
  leadTo(placePath(place));
});

export const acceptAsNew = visitorAction(NewAccountForm, async (form) => {
  const account = { ...form, ...(await currentTaste()), signUp: env().signUp };
  const from = await requestVisitor();
  const { email, place } = await acceptWithNewAccount(database().db, account, from);
  await startSession({ email, password: form.password });
  leadTo(placePath(place));
});

export const ask = userAction("inviter_asked", LinkForm, async ({ user, input }) => {
  await askInviter(database().db, postAccountMail, user, input.token);
  return { message: (await getTranslations("accounts.invitation"))("asked") };
});
