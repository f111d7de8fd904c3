import {
  aboutOthers,
  enhancedCodeOf,
  isAboutContent,
  judgeRefusal,
  type Refusal,
} from "./judge-refusal.ts";

/** What a delivery status notification (RFC 3464) says of one recipient. */
export type StatusReport = {
  /** What the server made of the address that it was given, and that itself; a forwarder's differ. */
  recipients: readonly string[];
  /** Whose failure it is: behind an alias, another address than the mail was sent to. */
  finalRecipient: string | null;
  /** failed, delayed, delivered, relayed or expanded. */
  action: string;
  /** RFC 3463, such as 5.1.1. */
  status: string;
  /** The words of the server that refused, without their type; empty where there are none. */
  diagnostic: string;
};

/** The reports of a message/delivery-status part: groups of fields, the first about the whole message. */
export function readDeliveryStatus(part: string): StatusReport[] {
  const [, ...groups] = unfold(part).split(/\n[ \t]*\n+/);
  return groups.flatMap((group) => {
    const fields = fieldsOf(group);
    const addressIn = (name: string): string =>
      withoutType(fields.get(name) ?? "").replace(/^<|>$/g, "");
    const final = addressIn("final-recipient");
    const recipients = [final, addressIn("original-recipient")].filter((one) => one !== "");
    const action = (fields.get("action") ?? "").toLowerCase();
    if (recipients.length === 0 || action === "") return [];
    const status = /\d\.\d{1,3}\.\d{1,3}/.exec(fields.get("status") ?? "")?.[0] ?? "";
    const diagnostic = withoutType(fields.get("diagnostic-code") ?? "");
    const finalRecipient = final === "" ? null : final;
    return [{ recipients, finalRecipient, action, status, diagnostic }];
  });
}

/** The Message-ID of the message that came back, out of its header; null where it is not told. */
export function readMessageId(header: string): string | null {
  // Some servers send more back than the header: what a message says is not believed.
  const [fields = ""] = unfold(header).split(/\n[ \t]*\n/);
  // Printable: nothing else can be asked of the database, nor stands in an id of ours.
  return /<[!-;=?-~]{1,250}>/.exec(fieldsOf(fields).get("message-id") ?? "")?.[0] ?? null;
}

/**
 * Whom a failure is about. The words of the refusing server count before the status that a server in between made of them;
 * a plain answer together with a status that is about the address is believed unless its words name somebody else.
 * `message`: it was too large, or of a kind that is not taken.
 */
export function judgeReport({ status, diagnostic }: StatusReport): Refusal | "message" {
  const isTold = enhancedCodeOf(diagnostic) !== undefined;
  if (isAboutContent(isTold ? diagnostic : `550 ${status}`)) return "message";
  if (isTold || !/^5\.[1-9]/.test(status)) return judgeRefusal(diagnostic);
  return aboutOthers.test(diagnostic) ? "sender" : judgeRefusal(`550 ${status}`);
}

const unfold = (text: string): string =>
  text.replaceAll(/\r\n?/g, "\n").replaceAll(/\n[ \t]+(?=\S)/g, " ");

/** By lower-case name; the first of each counts. */
function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

/** `rfc822; somebody@example.com` and `smtp; 550 5.1.1 no` (RFC 3464 2.1.2). */
const withoutType = (value: string): string => value.replace(/^[\w-]+\s*;\s*/, "").trim();
