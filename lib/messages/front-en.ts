import accounts from "./en/accounts.json" with { type: "json" };
import common from "./en/common.json" with { type: "json" };

/** What browsers need of the texts before sign-in. */
export const texts = { common, accounts };
