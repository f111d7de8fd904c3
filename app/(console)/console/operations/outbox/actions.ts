"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { postServerTestMail } from "#app/server-test-mail.ts";
import { env } from "#lib/env.ts";
import { DismissForm, dismissNotice } from "#lib/outbox/notices.ts";
import { SendAgainForm, sendAgain } from "#lib/outbox/send-again.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const again = userAction("mails_sent_again", SendAgainForm, async ({ user, input }) => {
  await requireOperator();
  const count = await sendAgain(database().db, user, input, env().smtpUrl !== undefined);
  refresh();
  return { message: (await getTranslations("operations.mails"))("sentAgain", { count }) };
});

export const dismiss = userAction("mail_notice_dismissed", DismissForm, async ({ user, input }) => {
  await requireOperator();
  await dismissNotice(database().db, user, input);
  refresh();
});

export const test = userAction("mail_server_tested", z.object({}), async ({ user }) => {
  await requireOperator();
  await postServerTestMail(database().db, user);
  refresh();
  return { message: (await getTranslations("operations.mails"))("tested") };
});
