export const alertKinds = ["webhook", "slack"] as const;
export type AlertKind = (typeof alertKinds)[number];
