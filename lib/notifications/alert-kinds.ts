type KindFacts = {
  /** Where it is sent: null, the person says; otherwise unless the person says otherwise. */
  address: string | null;
  /** What the person gives beside it: the secret `token`, and how it looks. */
  token: RegExp | null;
  recipient: RegExp | null;
  /**
   * It keeps incidents, which an alert begins and another one resolves (`resolveBody`). Its alerts wait for those before
   * them, whatever becomes of them: what ends something must not come before its beginning.
   */
  keepsIncidents: boolean;
};

const urlOnly = { address: null, token: null, recipient: null, keepsIncidents: false } as const;

/**
 * What alerts can be sent to, in the order in which people choose. A kind is named in the database's column `kind` and in
 * `notifications.json`; what is sent is in alert-body.ts, and with which headers in lib/alerts/alert-request.ts.
 */
export const alertKindFacts = {
  // Signed as Standard Webhooks says.
  webhook: urlOnly,
  // An incoming webhook of Slack, or of what takes the same body.
  slack: urlOnly,
  // The URL of a workflow "when a Teams webhook request is received".
  teams: urlOnly,
  discord: urlOnly,
  // Events API v2; the token is the integration key.
  pagerduty: {
    address: "https://events.pagerduty.com/v2/enqueue",
    token: /^[0-9A-Za-z]{32}$/,
    recipient: null,
    keepsIncidents: true,
  },
  // Messaging API, push; the token is a channel access token, the recipient a user, group or room.
  line: {
    address: "https://api.line.me/v2/bot/message/push",
    token: /^[\w+/=.-]{16,1000}$/,
    recipient: /^[UCR][0-9a-f]{32}$/,
    keepsIncidents: false,
  },
} as const satisfies Readonly<Record<string, KindFacts>>;
export type AlertKind = keyof typeof alertKindFacts;

/** The kinds that this version knows: what a newer one left in the database waits for it. */
export const alertKinds = Object.keys(alertKindFacts) as readonly AlertKind[];

/** Kinds that keep incidents. */
export type IncidentKind = {
  [K in AlertKind]: (typeof alertKindFacts)[K]["keepsIncidents"] extends true ? K : never;
}[AlertKind];

export const keepsIncidents = (kind: AlertKind): kind is IncidentKind =>
  alertKindFacts[kind].keepsIncidents;

export const incidentKinds = alertKinds.filter(keepsIncidents);

/** The kind that a column names; null: this version does not know it. */
export const knownKind = (name: string): AlertKind | null =>
  alertKinds.find((kind) => kind === name) ?? null;
