import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Fact, Facts } from "#components/ui/facts.tsx";

/** Fields that are left out are those the person's role may not see, or edits below. */
export type BasicsFactsProps = {
  channel: {
    id: string;
    botUserId: string;
    name?: string;
    description?: string;
    privacyPolicyUrl?: string | null;
    termsOfUseUrl?: string | null;
  };
};

export function BasicsFacts({ channel }: BasicsFactsProps) {
  const t = useTranslations("channels");
  return (
    <Card>
      <CardHeader title={t("basics.title")} />
      <div className="border-t">
        <Facts>
          <Fact name={t("id")}>
            <code className="font-mono">{channel.id}</code>
            <CopyButton text={channel.id} what={t("id")} />
          </Fact>
          {channel.name !== undefined && <Fact name={t("name")}>{channel.name}</Fact>}
          {channel.description !== undefined && (
            <Fact name={t("description")}>
              <span className="whitespace-pre-line">{channel.description}</span>
            </Fact>
          )}
          {channel.privacyPolicyUrl !== undefined && (
            <PageLink name={t("privacyPolicyUrl")} url={channel.privacyPolicyUrl} />
          )}
          {channel.termsOfUseUrl !== undefined && (
            <PageLink name={t("termsOfUseUrl")} url={channel.termsOfUseUrl} />
          )}
          <Fact name={t("botUserId")}>
            <code className="font-mono break-all">{channel.botUserId}</code>
            <CopyButton text={channel.botUserId} what={t("botUserId")} />
            <span className="basis-full text-sm text-dim">{t("botUserIdHint")}</span>
          </Fact>
        </Facts>
      </div>
    </Card>
  );
}

function PageLink({ name, url }: { name: ReactNode; url: string | null }) {
  const t = useTranslations("channels");
  return (
    <Fact name={name}>
      {url === null ? (
        <span className="text-dim">{t("notSet")}</span>
      ) : (
        <a href={url} rel="noreferrer" className="break-all text-brand underline">
          {url}
        </a>
      )}
    </Fact>
  );
}
