import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { proofOfPerson } from "#app/(console)/console/proof-of-person.tsx";
import { BasicsFacts } from "#components/channels/basics-facts.tsx";
import { BasicsForm } from "#components/channels/basics-form.tsx";
import { DeleteChannel } from "#components/channels/delete-channel.tsx";
import { IconForm } from "#components/channels/icon-form.tsx";
import { SecretCard } from "#components/channels/secret-card.tsx";
import { LeaveCard } from "#components/members/leave-card.tsx";
import { countContents } from "#lib/channels/count-contents.ts";
import { findSecretOverlap } from "#lib/channels/queries.ts";
import type { Channel } from "#lib/channels/schema.ts";
import { env } from "#lib/env.ts";
import { formatDateTime } from "#lib/format.ts";
import { can } from "#lib/members/permissions.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import {
  editBasics,
  issueSecret,
  keepOldSecret,
  leave,
  remove,
  removeIcon,
  revealSecret,
  switchSecretNow,
  uploadIcon,
} from "./actions.ts";

type Props = { params: Promise<{ channelId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "see_basics");
  const t = await getTranslations("channels.tabs");
  return { title: `${t("basics")} · ${channel.name}` };
}

export default async function BasicsPage({ params }: Props) {
  const { user, channel, role } = await requireChannel((await params).channelId, "see_basics");
  return (
    <div className="grid grid-cols-1 gap-5">
      <BasicsFacts channel={factsFor(channel, role)} />
      {can(role, "edit_basics") && <BasicsForm action={editBasics} channel={editable(channel)} />}
      {can(role, "edit_basics") && (
        <IconForm
          channel={{ id: channel.id, name: channel.name, iconHash: channel.iconHash }}
          actions={{ upload: uploadIcon, remove: removeIcon }}
        />
      )}
      {can(role, "manage_secret") && (
        <SecretCard
          channelId={channel.id}
          proof={await proofOfPerson(user.id, `/console/channel/${channel.id}/basics`)}
          overlap={await readOverlap(channel.id, user.timeZone)}
          actions={{
            reveal: revealSecret,
            issue: issueSecret,
            switchNow: switchSecretNow,
            keepOld: keepOldSecret,
          }}
        />
      )}
      {can(role, "leave_channel") && (
        <LeaveCard action={leave} field={{ name: "channelId", value: channel.id }} kind="channel" />
      )}
      {can(role, "delete_channel") && <DeletePart channel={channel} />}
    </div>
  );
}

async function readOverlap(channelId: string, timeZone: string | null) {
  const from = await findSecretOverlap(database().db, channelId);
  if (from === null) return null;
  return {
    seen: from.toISOString(),
    time: formatDateTime(from, timeZone ?? env().displayTimeZone),
  };
}

/** Only what the role may see leaves the server; what it edits stands in the form instead. */
function factsFor(channel: Channel, role: ChannelRole) {
  const { id, name, botUserId } = channel;
  if (can(role, "edit_basics")) return { id, botUserId };
  if (!can(role, "see_description")) return { id, name, botUserId };
  const { description, privacyPolicyUrl, termsOfUseUrl } = channel;
  return { id, name, botUserId, description, privacyPolicyUrl, termsOfUseUrl };
}

function editable(channel: Channel) {
  const { id, version, name, description, privacyPolicyUrl, termsOfUseUrl } = channel;
  const { email, isEmailVerified } = channel;
  return {
    id,
    version,
    name,
    description,
    email,
    isEmailVerified,
    privacyPolicyUrl,
    termsOfUseUrl,
  };
}

async function DeletePart({ channel }: { channel: Channel }) {
  return (
    <DeleteChannel
      channel={{ id: channel.id, name: channel.name }}
      contents={await countContents(database().db, channel.id)}
      logDays={env().retentionDays.log}
      action={remove}
    />
  );
}
