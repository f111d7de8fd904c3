"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import { TextField } from "#components/ui/field.tsx";
import { FormCard } from "#components/ui/form-card.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, type FormState, fieldError, idleForm } from "#lib/form-state.ts";
import { passwordField } from "./account-fields.ts";
import { RecoveryCodes } from "./recovery-codes.tsx";
import { SignInAgain, type WayBack } from "./sign-in-again.tsx";

type CodesAction = FormAction<{ recoveryCodes: string[] }>;

export type FactorActions = {
  offer: FormAction;
  withdraw: FormAction;
  confirm: CodesAction;
  remove: FormAction;
  renew: CodesAction;
};

type Offer = { key: string; qr: { path: string; size: number } };

/** The second factor: off, being set up, or on. */
export function FactorCards({
  isOn,
  codesLeft,
  offer,
  proof,
  actions,
}: {
  isOn: boolean;
  codesLeft: number;
  offer: Offer | null;
  /** The way back to a sign-in where that is needed before it can be set up. */
  proof: "password" | "none" | WayBack;
  actions: FactorActions;
}) {
  const t = useTranslations("accounts.factor");
  const accounts = useTranslations("accounts");
  // Kept here: the codes are shown this once, also when the page around them is drawn anew.
  const [confirmed, confirm] = useActionState(actions.confirm, idleForm);
  const [renewed, renew] = useActionState(actions.renew, idleForm);
  const codes = codesOf(renewed) ?? codesOf(confirmed);
  if (codes !== null) return <RecoveryCodes codes={codes} />;
  if (offer !== null) {
    return (
      <OfferCard offer={offer} state={confirmed} confirm={confirm} withdraw={actions.withdraw} />
    );
  }
  if (!isOn && typeof proof === "object") {
    return <SignInAgain title={t("title")} text={t("text")} way={proof} />;
  }
  if (!isOn) {
    const password = passwordField(accounts("currentPassword"), "currentPassword");
    return (
      <FormCard
        title={t("title")}
        text={t("text")}
        action={actions.offer}
        fields={proof === "password" ? [password] : []}
        submit={t("begin")}
        look="quiet"
      />
    );
  }
  return (
    <Card className="grid gap-5 p-5">
      <div>
        <h2 className="flex flex-wrap items-center gap-2 text-lg font-semibold">
          {t("title")} <Badge tone="good">{t("on")}</Badge>
        </h2>
        <p className="mt-0.5 text-dim">{t("left", { count: codesLeft })}</p>
      </div>
      <CodeForm state={renewed} action={renew} submit={t("renew")} />
      <RemoveForm action={actions.remove} />
    </Card>
  );
}

function codesOf(state: FormState<{ recoveryCodes: string[] }>): string[] | null {
  return state.status === "done" ? state.data.recoveryCodes : null;
}

function RemoveForm({ action }: { action: FormAction }) {
  const t = useTranslations("accounts.factor");
  const [state, dispatch] = useActionState(action, idleForm);
  return <CodeForm state={state} action={dispatch} submit={t("remove")} look="danger" />;
}

function CodeForm({
  state,
  action,
  submit,
  look = "quiet",
}: {
  state: FormState<unknown>;
  action: (form: FormData) => void;
  submit: string;
  look?: "primary" | "quiet" | "danger";
}) {
  const t = useTranslations("accounts.code");
  return (
    <form action={action} className="grid max-w-2xl gap-3">
      <FormMessage state={state} />
      <div className="flex flex-wrap items-start gap-3">
        <TextField
          className="min-w-0 basis-56"
          label={t("label")}
          name="code"
          autoComplete="one-time-code"
          maxLength={40}
          required
          error={fieldError(state, "code")}
        />
        <SubmitButton look={look} className="sm:mt-6.5">
          {submit}
        </SubmitButton>
      </div>
    </form>
  );
}

function OfferCard({
  offer,
  state,
  confirm,
  withdraw,
}: {
  offer: Offer;
  state: FormState<unknown>;
  confirm: (form: FormData) => void;
  withdraw: FormAction;
}) {
  const t = useTranslations("accounts.factor");
  const common = useTranslations("common");
  const [, cancel] = useActionState(withdraw, idleForm);
  return (
    <Card className="p-5">
      <h2 className="text-lg font-semibold">{t("title")}</h2>
      <p className="mt-0.5 max-w-prose text-dim">{t("scan")}</p>
      <div className="mt-4 flex flex-wrap gap-6">
        {/* Dark on light in both themes: some cameras read it no other way. */}
        <svg
          viewBox={`0 0 ${offer.qr.size} ${offer.qr.size}`}
          className="size-48 shrink-0 rounded-control border"
          role="img"
          aria-label={t("qr")}
        >
          <rect width="100%" height="100%" fill="#ffffff" />
          <path d={offer.qr.path} fill="#1c1b22" shapeRendering="crispEdges" />
        </svg>
        <div className="grid min-w-0 grow basis-64 content-start gap-4">
          <div>
            <p className="text-sm text-dim">{t("key")}</p>
            <p className="font-mono break-all">{offer.key.replace(/(.{4})(?=.)/g, "$1 ")}</p>
          </div>
          <CodeForm state={state} action={confirm} submit={t("confirm")} look="primary" />
          <form action={cancel}>
            <SubmitButton look="ghost">{common("cancel")}</SubmitButton>
          </form>
        </div>
      </div>
    </Card>
  );
}
