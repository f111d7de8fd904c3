import type { useTranslations } from "next-intl";
import type { FieldSpec } from "#components/ui/form-card.tsx";
import { passwordLengthMin } from "#lib/accounts/schema.ts";

// What forms about an account ask for, told to password managers everywhere in the same way.

type AccountTexts = ReturnType<typeof useTranslations<"accounts">>;

export const nameField = (t: AccountTexts): FieldSpec => ({
  name: "name",
  label: t("name"),
  autoComplete: "name",
  maxLength: 60,
});

export const emailField = (t: AccountTexts, value?: string): FieldSpec => ({
  name: "email",
  label: t("email"),
  type: "email",
  autoComplete: "username",
  maxLength: 254,
  ...(value !== undefined && { value }),
});

/** The password that the account has now. */
export const passwordField = (label: string, name: "password" | "currentPassword"): FieldSpec => ({
  name,
  label,
  type: "password",
  autoComplete: "current-password",
});

/** A password to be chosen, by rules that the hint tells. */
export const newPasswordField = (t: AccountTexts, label: string): FieldSpec => ({
  name: "password",
  label,
  type: "password",
  autoComplete: "new-password",
  minLength: passwordLengthMin,
  hint: t("passwordHint", { min: passwordLengthMin }),
});
