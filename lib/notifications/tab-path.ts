/** The Notifications tab of a channel. */
export function notificationsPath(channelId: string): string {
  return `/console/channel/${encodeURIComponent(channelId)}/notifications`;
}
