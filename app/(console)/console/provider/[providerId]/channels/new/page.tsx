import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { ChannelForm } from "#components/channels/channel-form.tsx";
import { requireProvider } from "#lib/web/access.ts";
import { create } from "./actions.ts";

type Props = { params: Promise<{ providerId: string }> };

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("channels");
  return { title: t("create") };
}

export default async function NewChannelPage({ params }: Props) {
  const { user, provider } = await requireProvider((await params).providerId, "create_channel");
  // The list says why there is no form.
  if (provider.disabledAt !== null) redirect(`/console/provider/${provider.id}/channels`);
  return <ChannelForm action={create} providerId={provider.id} ownEmail={user.email} />;
}
