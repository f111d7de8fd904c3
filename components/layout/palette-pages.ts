import { useTranslations } from "next-intl";

type Page = { href: string; label: string };

const operationsPages = [
  ["applications", "applications"],
  ["outbox", "outbox"],
  ["channels", "channels"],
  ["providers", "providers"],
  ["users", "users"],
  ["invitations", "invitations"],
  ["addresses", "addresses"],
  ["set-aside", "setAside"],
  ["platform-keys", "platformKeys"],
  ["audit", "audit"],
] as const;

/** Pages that belong to no channel or provider. */
export function usePalettePages(isOperator: boolean): Page[] {
  const side = useTranslations("lists.side");
  const channels = useTranslations("lists.channels");
  const common = useTranslations("common");
  const tabs = useTranslations("operations.tabs");
  const operations = operationsPages.map(([path, name]) => ({
    href: `/console/operations/${path}`,
    label: `${common("operations")}: ${tabs(name)}`,
  }));
  return [
    { href: "/console", label: side("home") },
    { href: "/console/channels", label: side("allChannels") },
    { href: "/console/channels?state=failing", label: channels("failingTitle") },
    { href: "/console/profile/basics", label: common("profile") },
    ...(isOperator ? operations : []),
  ];
}

const channelPages = [
  ["basics", "basics"],
  ["messaging-api", "messagingApi"],
  ["statistics/errors", "errors"],
  ["statistics/deliveries", "deliveries"],
  ["notifications", "notifications"],
  ["roles", "roles"],
  ["audit", "audit"],
] as const;

/** The pages of the channel that one is in. One that its role does not open says so itself. */
export function usePaletteChannelPages(path: string): Page[] {
  const tabs = useTranslations("channels.tabs");
  const statistics = useTranslations("webhook-errors");
  const deliveries = useTranslations("deliveries");
  const root = /^\/console\/channel\/[^/]+/.exec(path)?.[0];
  if (root === undefined) return [];
  const labelOf = (name: (typeof channelPages)[number][1]): string => {
    if (name === "errors") return `${tabs("statistics")}: ${statistics("title")}`;
    if (name === "deliveries") return `${tabs("statistics")}: ${deliveries("title")}`;
    return tabs(name);
  };
  return channelPages.map(([page, name]) => ({ href: `${root}/${page}`, label: labelOf(name) }));
}
