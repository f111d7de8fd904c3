import type { FormAction } from "#lib/form-state.ts";

/** What its forms do. */
export type RoleActions = Record<
  "invite" | "sendAgain" | "cancel" | "change" | "remove",
  FormAction
> & {
  /** Channels only. */
  importFromProvider?: FormAction;
};
