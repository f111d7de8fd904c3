import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { proofOfPerson } from "#app/(console)/console/proof-of-person.tsx";
import { CancellationCallout } from "#components/channels/cancellation-callout.tsx";
import { CertificateRow } from "#components/channels/certificate-row.tsx";
import { ChannelTokens } from "#components/channels/channel-tokens.tsx";
import { SetUpList } from "#components/channels/set-up-list.tsx";
import { SignatureChecker } from "#components/channels/signature-checker.tsx";
import { WebhookSettings } from "#components/channels/webhook-settings.tsx";
import { LiveMark } from "#components/live/live-mark.tsx";
import { findCancellation } from "#lib/cancellations/find.ts";
import { readSetUp } from "#lib/channels/set-up.ts";
import { findCertificate } from "#lib/endpoint-health/find-certificate.ts";
import { env } from "#lib/env.ts";
import { liveHref } from "#lib/live/view.ts";
import { redeliveryRule } from "#lib/queue/schedule.ts";
import { listChannelTokens } from "#lib/tokens/channel-tokens.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import {
  checkSignature,
  dismissSetUp,
  issueToken,
  revokeTokens,
  turnSwitch,
  updateUrl,
  verify,
} from "./actions.ts";

type Props = { params: Promise<{ channelId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "manage_messaging_api");
  const t = await getTranslations("channels.tabs");
  return { title: `${t("messagingApi")} · ${channel.name}` };
}

export default async function MessagingApiPage({ params }: Props) {
  const { user, channel } = await requireChannel((await params).channelId, "manage_messaging_api");
  const { id } = channel;
  const timeZone = user.timeZone ?? env().displayTimeZone;
  const [setUp, cancellation, certificate, tokens, proof, t] = await Promise.all([
    readSetUp(database(), channel, env().notificationPolicy),
    findCancellation(database().db, id),
    findCertificate(database().pool, id),
    listChannelTokens(database().db, id),
    proofOfPerson(user.id, `/console/channel/${id}/messaging-api`),
    getTranslations("accounts.proof"),
  ]);
  return (
    <div className="space-y-5">
      {setUp !== null && (
        <SetUpList
          channelId={id}
          email={channel.email}
          lines={setUp}
          // Of two lines to the same news one is enough.
          live={cancellation === null && <LiveMark href={liveHref(id, "deliveries")} />}
          dismiss={dismissSetUp}
        />
      )}
      {cancellation !== null && (
        <CancellationCallout
          progress={cancellation}
          live={<LiveMark href={liveHref(id, "deliveries")} />}
        />
      )}
      <WebhookSettings
        channel={channel}
        rules={{
          allowsHttp: env().allowHttpTargets,
          redelivery: redeliveryRule(env().redeliveryScheduleMs),
        }}
        proof={proof}
        certificate={
          certificate !== null && <CertificateRow certificate={certificate} timeZone={timeZone} />
        }
        actions={{ updateUrl, turnSwitch, verify }}
      />
      <SignatureChecker channelId={id} action={checkSignature} />
      <ChannelTokens
        channelId={id}
        tokens={tokens}
        proof={proof === null ? null : <p className="text-sm text-dim">{t("above")}</p>}
        timeZone={timeZone}
        actions={{ issue: issueToken, revoke: revokeTokens }}
      />
    </div>
  );
}
