"use client";

import { useTranslations } from "next-intl";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import { TickBox } from "#components/ui/tick-box.tsx";
import { toast } from "#components/ui/toast.ts";
import type { FormAction } from "#lib/form-state.ts";

/** Lifts many stopped addresses at once: all of them, less those that are unticked. */
export function LiftSeveral({
  addresses,
  lift,
}: {
  addresses: readonly string[];
  lift: FormAction;
}) {
  const t = useTranslations("operations.addresses");
  const common = useTranslations("common");
  return (
    <ConfirmForm
      action={lift}
      fields={{}}
      texts={{
        trigger: t("several.lift"),
        title: t("several.title"),
        text: t("several.text"),
        action: t("lift"),
        cancel: common("cancel"),
      }}
      onDone={toast}
    >
      <ul className="max-h-72 space-y-1 overflow-y-auto">
        {addresses.map((address) => (
          <li key={address}>
            <TickBox
              name="address"
              value={address}
              defaultChecked
              label={<span className="wrap-anywhere">{address}</span>}
            />
          </li>
        ))}
      </ul>
    </ConfirmForm>
  );
}
