import accounts from "./ja/accounts.json" with { type: "json" };
import common from "./ja/common.json" with { type: "json" };

/** What browsers need of the texts before sign-in. */
export const texts = { common, accounts };
