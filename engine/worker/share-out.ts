import type { ClaimedWebhook } from "#lib/deliveries/claim.ts";
import { hostOf } from "./deliver.ts";
import type { Gates } from "./gates.ts";

/** Known hosts of channels, by channel id. */
export type ChannelHosts = Map<string, string>;

const hostsMax = 50_000;

/** Learns the host that a channel's webhooks go to. */
export function rememberHost(
  hosts: ChannelHosts,
  webhook: Pick<ClaimedWebhook, "channelId" | "url">,
): void {
  if (webhook.url === null) return;
  if (hosts.size >= hostsMax) hosts.clear();
  hosts.set(webhook.channelId, hostOf(webhook.url));
}

/** Even shares of what is wanted, within what each channel and its host have left. */
export function shareOut(
  channelIds: readonly string[],
  wanted: number,
  known: { channelGates: Gates; hostGates: Gates; hosts: ReadonlyMap<string, string> },
): number[] {
  let left = wanted;
  return channelIds.map((channelId, index) => {
    const even = Math.ceil(left / (channelIds.length - index));
    const host = known.hosts.get(channelId);
    const places = Math.min(
      even,
      known.channelGates.left(channelId),
      host === undefined ? even : known.hostGates.left(host),
    );
    left -= places;
    return places;
  });
}
