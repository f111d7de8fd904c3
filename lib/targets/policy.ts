import { isIP } from "node:net";
import { type AddressVerdict, isOpened, judgeAddress, parseRanges } from "./addresses.ts";
import { isLocalhost, isLocalName } from "./names.ts";
import type { UrlProblem, UrlVerdict } from "./schema.ts";
import { webhookUrlLengthMax } from "./schema.ts";

export type TargetPolicyOptions = {
  /** CIDR ranges the operator opened although they are private (`ALLOW_TARGETS`). */
  allowTargets: readonly string[];
  /** Plain http besides https (`ALLOW_HTTP_TARGETS`). */
  allowHttp: boolean;
};

/** The one verdict on where webhooks may go, shared by saving, verifying and sending (docs/delivery.md#which-addresses-are-called). */
export type TargetPolicy = {
  /** Judges a URL's text without asking DNS: form, scheme, literal addresses, names that are local by definition. */
  checkUrl(text: string): UrlVerdict;
  /** Judges one address; asked again with the address a socket is really connected to. */
  checkAddress(address: string): AddressVerdict;
  /**
   * Judges what a name resolved to. One bad address refuses the whole answer, so that no order of answers and no
   * second try can reach it. A local name (`x.internal`) needs every address opened by the operator.
   */
  checkAnswer(hostname: string, addresses: readonly string[]): AnswerVerdict;
};

export type AnswerVerdict =
  | { allowed: true; addresses: readonly string[] }
  | { allowed: false; why: string };

/**
 * Builds the guard.
 * @throws Error when an entry of `allowTargets` is not a CIDR range.
 */
export function createTargetPolicy(options: TargetPolicyOptions): TargetPolicy {
  const opened = parseRanges(options.allowTargets);
  const checkAddress = (address: string) => judgeAddress(address, opened);

  return {
    checkAddress,
    checkUrl: (text) => checkUrl(text, options.allowHttp, (host) => hostProblem(host, opened)),
    checkAnswer: (hostname, addresses) => checkAnswer(hostname, addresses, opened),
  };
}

type Ranges = ReturnType<typeof parseRanges>;

function checkAnswer(
  hostname: string,
  addresses: readonly string[],
  opened: Ranges,
): AnswerVerdict {
  if (isLocalhost(hostname)) {
    // Not an answer from DNS but this machine's own name: whichever of ::1 and 127.0.0.1 is open may be used.
    const usable = addresses.filter((address) => isOpened(address, opened));
    if (usable.length > 0) return { allowed: true, addresses: usable };
    return { allowed: false, why: `${addresses.join(", ")} (loopback)` };
  }
  if (addresses.length === 0) return { allowed: false, why: "no address" };
  const mustBeOpened = isLocalName(hostname);
  for (const address of addresses) {
    const verdict = judgeAddress(address, opened);
    if (!verdict.allowed) return { allowed: false, why: `${address} (${verdict.why})` };
    if (mustBeOpened && !isOpened(address, opened)) {
      return { allowed: false, why: `${address} (local name)` };
    }
  }
  return { allowed: true, addresses };
}

function checkUrl(
  text: string,
  allowHttp: boolean,
  problemOfHost: (hostname: string) => string | null,
): UrlVerdict {
  if (text.length > webhookUrlLengthMax) {
    return no(
      "too_long",
      `Webhook URL must be at most ${webhookUrlLengthMax} characters long (got ${text.length}).`,
    );
  }
  // The URL parser drops tabs and line ends and trims spaces: what it would silently mend is refused.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u0020\u007f\\]/.test(text) || !URL.canParse(text)) {
    return no("malformed", "Webhook URL is not a valid URL.");
  }
  const url = new URL(text);
  if (url.protocol !== "https:" && !(allowHttp && url.protocol === "http:")) {
    return no("not_https", `Webhook URL must start with https:// (got ${url.protocol}//).`);
  }
  if (!isDialable(url)) return no("malformed", "Webhook URL has no usable host name.");
  if (url.username !== "" || url.password !== "") {
    return no("credentials", "Webhook URL must not contain a user name or password.");
  }
  if (text.includes("#")) return no("fragment", "Webhook URL must not contain a fragment (#...).");
  const problem = problemOfHost(url.hostname);
  return problem === null ? { ok: true, url } : no("private_target", problem);
}

function isDialable(url: URL): boolean {
  if (url.port === "0") return false;
  const name = url.hostname;
  if (name.startsWith("[")) return true;
  if (name.length > 254) return false;
  const labels = name.endsWith(".") ? name.slice(0, -1).split(".") : name.split(".");
  return labels.every((label) => label.length >= 1 && label.length <= 63);
}

function hostProblem(hostname: string, opened: Ranges): string | null {
  const literal = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  if (isIP(literal) !== 0) {
    return judgeAddress(literal, opened).allowed
      ? null
      : `Webhook URL must not point to a private or reserved address (got ${hostname}).`;
  }
  const closed = isLocalhost(hostname)
    ? !isOpened("127.0.0.1", opened) && !isOpened("::1", opened)
    : // Where the operator opened private ranges a local name may lie in one; its addresses decide when connecting.
      isLocalName(hostname) && opened.length === 0;
  return closed ? `Webhook URL must not point to a local name (got ${hostname}).` : null;
}

function no(problem: UrlProblem, message: string): UrlVerdict {
  return { ok: false, problem, message };
}
