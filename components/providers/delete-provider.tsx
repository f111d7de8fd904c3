import { useTranslations } from "next-intl";
import { DeleteForm } from "#components/ui/delete-form.tsx";
import type { FormAction } from "#lib/form-state.ts";
import type { ProviderContents } from "#lib/providers/schema.ts";

/** Deletes a provider once its name was typed; says first, in numbers, what goes with it, or what stands in the way. */
export function DeleteProvider({
  provider,
  contents,
  action,
}: {
  provider: { id: string; name: string };
  contents: ProviderContents;
  action: FormAction;
}) {
  const t = useTranslations("providers.settings");
  const counts = [
    ...(contents.channels > 0 ? [t("deleteChannels", { count: contents.channels })] : []),
    t("deleteMembers", { count: contents.members }),
    ...(contents.invitations > 0 ? [t("deleteInvitations", { count: contents.invitations })] : []),
  ];
  return (
    <DeleteForm
      action={action}
      field={{ name: "providerId", value: provider.id }}
      texts={{
        title: t("deleteTitle"),
        text: t("deleteText"),
        action: t("deleteAction"),
        confirm: t("deleteConfirm", { name: provider.name }),
      }}
    >
      <ul className="list-disc space-y-1 pl-5 text-sm tabular-nums">
        {counts.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </DeleteForm>
  );
}
