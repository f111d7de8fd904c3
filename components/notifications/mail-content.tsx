import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import type { MailDetail } from "#lib/notifications/schema.ts";

export type MailView = "html" | "text";

/**
 * The mail as its reader sees it, or its text. The frame is a sandbox without any permission: no scripts, forms, pop-ups
 * or navigation, an origin of its own; and the page's policy holds inside it, so nothing is fetched from elsewhere.
 */
export function MailContent({
  mail,
  view,
  path,
}: {
  mail: Pick<MailDetail, "content">;
  /** The page it stands on. */
  path: string;
  view: MailView;
}) {
  const t = useTranslations("notifications.mail");
  if (mail.content === null) return <Callout>{t("hidden")}</Callout>;
  const { html, text } = mail.content;
  const segments = [
    { href: path, label: t("views.html"), current: view === "html" },
    { href: `${path}?view=text`, label: t("views.text"), current: view === "text" },
  ];
  return (
    <Card className="overflow-hidden">
      <CardHeader
        title={t("content")}
        action={<Segmented label={t("views.label")} segments={segments} />}
      />
      {view === "html" ? (
        <iframe
          title={t("frame")}
          sandbox=""
          srcDoc={html}
          className="block h-[62rem] w-full border-t bg-surface"
        />
      ) : (
        <pre className="border-t p-5 font-mono text-sm break-words whitespace-pre-wrap">{text}</pre>
      )}
    </Card>
  );
}
