import type { ReactNode } from "react";
import { requireChannel } from "#lib/web/access.ts";

/** Asks for the right before anything is streamed, so that a refusal is answered with 404 and not inside a page. */
export default async function StatisticsLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ channelId: string }>;
}) {
  await requireChannel((await params).channelId, "see_errors");
  return children;
}
