import type { FormAction } from "#lib/form-state.ts";

/** Whose roles a Roles tab shows. */
export type RolesPlace = { kind: "channel" | "provider"; id: string };

/** What its forms do. */
export type RoleActions = Record<
  "invite" | "sendAgain" | "cancel" | "change" | "remove",
  FormAction
> & {
  /** Channels only. */
  importFromProvider?: FormAction;
};
