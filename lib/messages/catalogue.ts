import accountMailsEn from "./en/account-mails.json" with { type: "json" };
import accountsEn from "./en/accounts.json" with { type: "json" };
import answersEn from "./en/answers.json" with { type: "json" };
import auditEn from "./en/audit.json" with { type: "json" };
import causesEn from "./en/causes.json" with { type: "json" };
import channelsEn from "./en/channels.json" with { type: "json" };
import commonEn from "./en/common.json" with { type: "json" };
import deliveriesEn from "./en/deliveries.json" with { type: "json" };
import errorsEn from "./en/errors.json" with { type: "json" };
import explanationsEn from "./en/explanations.json" with { type: "json" };
import exportsEn from "./en/exports.json" with { type: "json" };
import listsEn from "./en/lists.json" with { type: "json" };
import liveEn from "./en/live.json" with { type: "json" };
import mailsEn from "./en/mails.json" with { type: "json" };
import membersEn from "./en/members.json" with { type: "json" };
import notificationsEn from "./en/notifications.json" with { type: "json" };
import operationsEn from "./en/operations.json" with { type: "json" };
import problemsEn from "./en/problems.json" with { type: "json" };
import providersEn from "./en/providers.json" with { type: "json" };
import webhookErrorsEn from "./en/webhook-errors.json" with { type: "json" };
import accountMailsJa from "./ja/account-mails.json" with { type: "json" };
import accountsJa from "./ja/accounts.json" with { type: "json" };
import answersJa from "./ja/answers.json" with { type: "json" };
import auditJa from "./ja/audit.json" with { type: "json" };
import causesJa from "./ja/causes.json" with { type: "json" };
import channelsJa from "./ja/channels.json" with { type: "json" };
import commonJa from "./ja/common.json" with { type: "json" };
import deliveriesJa from "./ja/deliveries.json" with { type: "json" };
import errorsJa from "./ja/errors.json" with { type: "json" };
import explanationsJa from "./ja/explanations.json" with { type: "json" };
import exportsJa from "./ja/exports.json" with { type: "json" };
import listsJa from "./ja/lists.json" with { type: "json" };
import liveJa from "./ja/live.json" with { type: "json" };
import mailsJa from "./ja/mails.json" with { type: "json" };
import membersJa from "./ja/members.json" with { type: "json" };
import notificationsJa from "./ja/notifications.json" with { type: "json" };
import operationsJa from "./ja/operations.json" with { type: "json" };
import problemsJa from "./ja/problems.json" with { type: "json" };
import providersJa from "./ja/providers.json" with { type: "json" };
import webhookErrorsJa from "./ja/webhook-errors.json" with { type: "json" };
import type { Locale } from "./locales.ts";

const en = {
  common: commonEn,
  accounts: accountsEn,
  providers: providersEn,
  answers: answersEn,
  audit: auditEn,
  channels: channelsEn,
  deliveries: deliveriesEn,
  members: membersEn,
  operations: operationsEn,
  errors: errorsEn,
  "webhook-errors": webhookErrorsEn,
  exports: exportsEn,
  lists: listsEn,
  live: liveEn,
  problems: problemsEn,
  notifications: notificationsEn,
  mails: mailsEn,
  "account-mails": accountMailsEn,
  explanations: explanationsEn,
  causes: causesEn,
};

/** Every text of the product in one language, by namespace. English is the shape that others must have. */
export type Messages = typeof en;

const ja: Messages = {
  common: commonJa,
  accounts: accountsJa,
  providers: providersJa,
  answers: answersJa,
  audit: auditJa,
  channels: channelsJa,
  deliveries: deliveriesJa,
  members: membersJa,
  operations: operationsJa,
  errors: errorsJa,
  "webhook-errors": webhookErrorsJa,
  exports: exportsJa,
  lists: listsJa,
  live: liveJa,
  problems: problemsJa,
  notifications: notificationsJa,
  mails: mailsJa,
  "account-mails": accountMailsJa,
  explanations: explanationsJa,
  causes: causesJa,
};

const catalogue: Record<Locale, Messages> = { en, ja };

export function messagesFor(locale: Locale): Messages {
  return catalogue[locale];
}
