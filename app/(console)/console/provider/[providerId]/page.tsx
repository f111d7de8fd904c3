import { redirect } from "next/navigation";

export default async function ProviderPage({
  params,
}: {
  params: Promise<{ providerId: string }>;
}) {
  const { providerId } = await params;
  redirect(`/console/provider/${encodeURIComponent(providerId)}/channels`);
}
