import { type Answered, isMaintenance } from "./answered.ts";
import { failsAlwaysAlike, failsSinceSecret } from "./facts.ts";
import type { LikelyCause } from "./schema.ts";

/** Why a status from 400 to 499 came. */
export function clientCause(answered: Answered): LikelyCause {
  const { statusCode, frontEnd, answer } = answered;
  if (frontEnd === "tunnel") return "tunnel_closed";
  if (frontEnd === "hosting" && statusCode === 404) return "hosting_reports_failure";
  const plain = certificateOrPlain(answered);
  if (plain !== null) return plain;
  switch (statusCode) {
    case 400:
    case 401:
    case 403:
      return refusalCause(answered);
    case 404:
    case 410:
      return missingCause(answered);
    case 405:
    case 501:
      return methodCause(answered);
    case 413:
      return "body_too_large";
    case 421:
      return "host_name_unknown_to_server";
    case 429:
      return "rate_limited";
    default:
      return isMaintenance(answer) ? "maintenance" : "request_not_understood";
  }
}

/** Pages of nginx 1.22, Apache 2.4, and Go's net/http for a request that came by the wrong way. */
const plainHttp =
  /plain http request was sent to https port|speaking plain http to an ssl-enabled|client sent an http request to an https server/;
const noCertificate = /no required ssl certificate was sent|the ssl certificate error/;

function certificateOrPlain({ statusCode, answer: { text } }: Answered): LikelyCause | null {
  if (plainHttp.test(text)) return "http_sent_to_tls_port";
  const isAboutCertificate = noCertificate.test(text) || statusCode === 495 || statusCode === 496;
  return isAboutCertificate ? "client_certificate_demanded" : null;
}

/** Pages by which a firewall, a CDN or a host says that it does not want programs. */
const protection =
  /just a moment\.\.\.|attention required! \||access denied|request blocked|captcha|incapsula|are you a robot|checking your browser/;

function refusalCause(answered: Answered): LikelyCause {
  const { facts, statusCode, answer, frontEnd } = answered;
  if (answer.header("cf-mitigated") !== "" || protection.test(answer.text))
    return "blocked_by_rule";
  if (
    statusCode === 401 &&
    /^(basic|digest|negotiate|ntlm)/.test(answer.header("www-authenticate"))
  ) {
    return "sign_in_demanded";
  }
  if (statusCode === 403 && frontEnd !== null) return "blocked_by_rule";
  if (frontEnd !== null) return statusCode === 401 ? "sign_in_demanded" : "request_not_understood";
  if (/signature|x-line-signature|invalid secret/.test(answer.text)) return "signature_refused";
  if (statusCode !== 400) return "signature_refused";
  return failsSinceSecret(facts) && failsAlwaysAlike(facts)
    ? "signature_refused"
    : "request_not_understood";
}

/** What frameworks say of a path that no route has: Express, Fastify, h3, Flask, Django, Spring, Rails, Laravel, FastAPI. */
const noRoute =
  /cannot (post|get) \/|route post:|cannot find any route|the requested url was not found on the server|page not found|no message available|no route matches|could not be found|"detail":"not found"|no handler found/;
/** What Koa, Hono, polka and h3 1.x say when nobody answered, whether a route ran or none was there. */
const nobodyAnswered = /^(404 )?not found$|cannot find any path/;

function missingCause({ facts, answer, frontEnd }: Answered): LikelyCause {
  if (frontEnd !== null) return "path_unknown_to_web_server";
  if (nobodyAnswered.test(answer.text.trim())) return "handler_gave_no_answer";
  if (noRoute.test(answer.text)) return "path_unknown_to_bot";
  // Of a web server that answers with a page of its owner's.
  const isPage = answer.header("content-type").startsWith("text/html");
  return isPage && answer.header("x-powered-by") === "" && facts.channel?.lastDeliveredAt == null
    ? "path_unknown_to_web_server"
    : "path_unknown_to_bot";
}

function methodCause({ answer, frontEnd }: Answered): LikelyCause {
  if (frontEnd !== null) return "static_site";
  const allowed = answer.header("allow");
  const isStatic = allowed !== "" && /^(get|head|options|[\s,])+$/.test(allowed);
  const isObjectStore = /^(amazons3|uploadserver|github\.com|netlify|vercel)\b/.test(
    answer.header("server"),
  );
  return isObjectStore || (isStatic && answer.header("content-type").startsWith("text/html"))
    ? "static_site"
    : "method_not_taken";
}
