type SwitchFacts = {
  /** On means that something is sent: refused without a Webhook URL, and while an operator has disabled the channel. */
  sends: boolean;
  /** What has to be read before it is turned on: a group of `channels.json`, and which of its texts are points. Null: nothing. */
  note: { texts: string; points: readonly string[] } | null;
};

/**
 * Every switch of a channel, in the order of the page. A name is the column of `channels`, the property of the platform API, what
 * the audit log says, and the key of its texts (`<name>`, `<name>Text` under `webhook` in `channels.json`). All are off at first, and
 * turned by those with the right `manage_messaging_api`. What follows from turning one is in switch.ts.
 */
export const channelSwitches = {
  useWebhook: { sends: true, note: null },
  webhookRedelivery: {
    sends: false,
    note: { texts: "redeliveryNote", points: ["duplicates", "order", "late", "load"] },
  },
  errorStatisticsAggregation: { sends: false, note: null },
} as const satisfies Readonly<Record<string, SwitchFacts>>;
export type ChannelSwitch = keyof typeof channelSwitches;
export type SwitchStates = Readonly<Record<ChannelSwitch, boolean>>;

export const switchNames = Object.keys(channelSwitches) as [ChannelSwitch, ...ChannelSwitch[]];

/** One value for each switch, such as the columns to select. */
export function perSwitch<Value>(of: (name: ChannelSwitch) => Value): Record<ChannelSwitch, Value> {
  return Object.fromEntries(switchNames.map((name) => [name, of(name)])) as Record<
    ChannelSwitch,
    Value
  >;
}
