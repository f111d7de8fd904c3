import accounts from "./ja/accounts.json" with { type: "json" };
import answers from "./ja/answers.json" with { type: "json" };
import audit from "./ja/audit.json" with { type: "json" };
import channels from "./ja/channels.json" with { type: "json" };
import common from "./ja/common.json" with { type: "json" };
import deliveries from "./ja/deliveries.json" with { type: "json" };
import explanations from "./ja/explanations.json" with { type: "json" };
import exports from "./ja/exports.json" with { type: "json" };
import lists from "./ja/lists.json" with { type: "json" };
import live from "./ja/live.json" with { type: "json" };
import mails from "./ja/mails.json" with { type: "json" };
import members from "./ja/members.json" with { type: "json" };
import notifications from "./ja/notifications.json" with { type: "json" };
import operations from "./ja/operations.json" with { type: "json" };
import problems from "./ja/problems.json" with { type: "json" };
import providers from "./ja/providers.json" with { type: "json" };
import webhookErrors from "./ja/webhook-errors.json" with { type: "json" };

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
