import accounts from "./en/accounts.json" with { type: "json" };
import answers from "./en/answers.json" with { type: "json" };
import audit from "./en/audit.json" with { type: "json" };
import channels from "./en/channels.json" with { type: "json" };
import common from "./en/common.json" with { type: "json" };
import deliveries from "./en/deliveries.json" with { type: "json" };
import explanations from "./en/explanations.json" with { type: "json" };
import exports from "./en/exports.json" with { type: "json" };
import lists from "./en/lists.json" with { type: "json" };
import live from "./en/live.json" with { type: "json" };
import mails from "./en/mails.json" with { type: "json" };
import members from "./en/members.json" with { type: "json" };
import notifications from "./en/notifications.json" with { type: "json" };
import operations from "./en/operations.json" with { type: "json" };
import problems from "./en/problems.json" with { type: "json" };
import providers from "./en/providers.json" with { type: "json" };
import webhookErrors from "./en/webhook-errors.json" with { type: "json" };

/** What browsers need of the texts behind sign-in; of the mails only the names of their types. */
export const texts = {
  common,
  accounts,
  providers,
  answers,
  audit,
  channels,
  deliveries,
  members,
  operations,
  "webhook-errors": webhookErrors,
  exports,
  lists,
  live,
  problems,
  notifications,
  mails: { types: mails.types },
  explanations,
};
