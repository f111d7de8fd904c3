"use client";

import { useSelectedLayoutSegments } from "next/navigation";
import { useTranslations } from "next-intl";
import { Breadcrumb, type Crumb } from "#components/ui/breadcrumb.tsx";

const tabNames = {
  basics: "basics",
  "messaging-api": "messagingApi",
  statistics: "statistics",
  roles: "roles",
} as const;

/** The breadcrumb of a channel; the layout that draws it does not know the tab, the browser does. */
export function ChannelPlace({ crumbs }: { crumbs: readonly Crumb[] }) {
  const t = useTranslations("channels.tabs");
  const [segment] = useSelectedLayoutSegments();
  const tab = Object.entries(tabNames).find(([path]) => path === segment)?.[1];
  return <Breadcrumb crumbs={tab === undefined ? crumbs : [...crumbs, { label: t(tab) }]} />;
}
