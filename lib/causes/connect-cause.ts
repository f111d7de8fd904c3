import type { ErrorClass } from "#lib/transport/error-class.ts";
import type { Seen } from "#lib/transport/schema.ts";
import type { LikelyCause } from "./schema.ts";
import { tlsCause } from "./tls-cause.ts";

type ConnectDetail = Extract<ErrorClass, { reason: "could_not_connect" }>["detail"];

/** No route to the host, as the system tells it; a router or firewall on the way may say so in the host's name. */
const unreachable = new Set(["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN"]);

/** Why no connection could be used. */
export function connectCause(detail: ConnectDetail, seen: Seen): LikelyCause | null {
  switch (detail) {
    case "Invalid URL syntax":
      return "url_unusable";
    case "Unknown host":
      return "host_name_missing";
    case "DNS Query timeout":
      return "name_servers_silent";
    case "Connection failed":
      return unreachable.has(seen.code ?? "") ? "host_unreachable" : "port_refused";
    case "Connection timeout":
      return silenceCause(seen);
    case "Connection failed (session closed)":
      return closedCause(seen);
    case "Connection failed (received GOAWAY)":
      return turnedAwayCause(seen);
    case "No SSL/TLS record":
      return "plain_port";
    case "Session protocol negotiation failure":
      return "no_common_protocol";
    case "TLS handshake failure":
      return tlsCause(seen);
  }
}

/** TCP taken, then nothing: no firewall does that. */
function silenceCause(seen: Seen): LikelyCause {
  return seen.phase === "dns" || seen.phase === "tcp" ? "firewall_drops" : "accepted_then_silent";
}

function closedCause(seen: Seen): LikelyCause {
  return seen.phase === "answer" ? "nothing_behind_tls_proxy" : "closed_on_connect";
}

function turnedAwayCause(seen: Seen): LikelyCause {
  if (seen.goAway === "HTTP_1_1_REQUIRED" || seen.reset === "HTTP_1_1_REQUIRED") {
    return "http1_demanded";
  }
  return seen.reset === "REFUSED_STREAM" ? "stream_refused" : "connection_turned_away";
}
