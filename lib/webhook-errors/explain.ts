import type { ErrorReason } from "#lib/transport/error-class.ts";

/** Names the text that explains a failure: an entry of the message catalogue under `explanations`. */
export type ExplanationKey =
  | (typeof byDetail)[keyof typeof byDetail]
  | (typeof byStatus)[keyof typeof byStatus]
  | (typeof byClass)[keyof typeof byClass]
  | "statusOther";

const byDetail = {
  "Connection failed": "connectionFailed",
  "Connection failed (received GOAWAY)": "connectionGoaway",
  "Connection failed (session closed)": "connectionClosed",
  "Connection timeout": "connectionTimeout",
  "DNS Query timeout": "dnsTimeout",
  "Invalid URL syntax": "invalidUrl",
  "Session protocol negotiation failure": "protocolNegotiation",
  "No SSL/TLS record": "noTlsRecord",
  "TLS handshake failure": "tlsHandshake",
  "Unknown host": "unknownHost",
  "Request timeout": "requestTimeout",
  "Session closed unexpectedly": "sessionClosed",
  "Stream closed unexpectedly": "streamClosed",
  "Unclassified webhook dispatch error": "unclassified",
} as const;

const byStatus = {
  "400": "statusBadRequest",
  "401": "statusForbidden",
  "403": "statusForbidden",
  "404": "statusNotFound",
  "405": "statusMethod",
  "413": "statusTooLarge",
  "429": "statusTooMany",
  "502": "statusGateway",
  "503": "statusUnavailable",
  "504": "statusGateway",
} as const;

const byClass = {
  "1": "statusInformational",
  "3": "statusRedirect",
  "4": "statusClient",
  "5": "statusServer",
} as const;

/** The explanation of a reason and detail; a detail that is not documented is explained as unclassified. */
export function explanationKey(reason: ErrorReason, detail: string): ExplanationKey {
  if (reason !== "error_status_code") return find(byDetail, detail) ?? "unclassified";
  return find(byStatus, detail) ?? find(byClass, detail.charAt(0)) ?? "statusOther";
}

/** An own entry of the table: a detail called `constructor` finds nothing. */
function find<T extends object>(table: T, name: string): T[keyof T] | undefined {
  return Object.hasOwn(table, name) ? table[name as keyof T] : undefined;
}
