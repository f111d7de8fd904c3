import { type AlertKind, knownKind } from "#lib/notifications/alert-kinds.ts";
import { standardWebhooksSignature } from "#lib/webhooks/signature.ts";
import type { TargetCredentials } from "./sealed-target.ts";

type Alert = { id: string; body: string; credentials: TargetCredentials; now: Date };
type Headers = readonly (readonly [string, string])[];
type Form = {
  headers?: (alert: Alert & { bytes: Buffer }) => Headers;
  /** What the body has beside what was stored. */
  adds?: (credentials: TargetCredentials) => Readonly<Record<string, string>>;
  /** A status outside 2xx that says that it was taken. */
  takenAs?: number;
};

const forms: Readonly<Record<AlertKind, Form>> = {
  webhook: { headers: signed },
  slack: {},
  teams: {},
  discord: {},
  pagerduty: { adds: ({ token }) => ({ routing_key: token }) },
  line: {
    // Within 24 h one message comes of any number of tries; the later ones are answered with 409.
    headers: ({ id, credentials: { token } }) => [
      ["authorization", `Bearer ${token}`],
      ["x-line-retry-key", id],
    ],
    adds: ({ recipient }) => ({ to: recipient }),
    takenAs: 409,
  },
};

/**
 * The request of one alert, with nothing of the headers that webhooks have, and whether a status says that it was taken.
 * @throws Error when this version does not know the kind.
 */
export function alertRequest(
  name: string,
  alert: Alert,
): { body: Buffer; headers: [string, string][]; isTaken: (statusCode: number | null) => boolean } {
  const kind = knownKind(name);
  if (kind === null) throw new Error(`unknown kind of alert target: ${name}`);
  const { headers, adds, takenAs } = forms[kind];
  const text =
    adds === undefined
      ? alert.body
      : JSON.stringify({ ...JSON.parse(alert.body), ...adds(alert.credentials) });
  const bytes = Buffer.from(text);
  const own = headers?.({ ...alert, bytes }) ?? [];
  return {
    body: bytes,
    headers: [
      ["content-type", "application/json"],
      ["user-agent", "Tocsin-Alerts/1.0"],
      ...own.map(([field, value]): [string, string] => [field, value]),
    ],
    isTaken: (statusCode) => takenAs !== undefined && statusCode === takenAs,
  };
}

function signed({ id, bytes, credentials: { token }, now }: Alert & { bytes: Buffer }): Headers {
  const timestamp = Math.floor(now.getTime() / 1_000);
  return [
    ["webhook-id", id],
    ["webhook-timestamp", String(timestamp)],
    ["webhook-signature", standardWebhooksSignature(token, id, timestamp, bytes)],
  ];
}
