import { useTranslations } from "next-intl";
import { DeleteForm } from "#components/ui/delete-form.tsx";
import type { ChannelContents } from "#lib/channels/schema.ts";
import type { FormAction } from "#lib/form-state.ts";

const countMax = 10_000;

/** Deletes a channel once its name was typed; says first, in numbers, what goes and what stays. */
export function DeleteChannel({
  channel,
  contents,
  logDays,
  action,
}: {
  channel: { id: string; name: string };
  contents: ChannelContents;
  logDays: number;
  action: FormAction;
}) {
  const t = useTranslations("channels.delete");
  const counts = [
    t("members", { count: contents.members }),
    contents.waiting > countMax
      ? t("waitingMany", { count: countMax })
      : t("waiting", { count: contents.waiting }),
    t("errors", { count: contents.errors }),
    contents.logged > countMax
      ? t("loggedMany", { count: countMax, days: logDays })
      : t("logged", { count: contents.logged, days: logDays }),
  ];
  return (
    <DeleteForm
      action={action}
      field={{ name: "channelId", value: channel.id }}
      texts={{
        title: t("title"),
        text: t("text"),
        action: t("action"),
        confirm: t("confirm", { name: channel.name }),
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
