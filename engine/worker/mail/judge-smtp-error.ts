import { toHeaderSafe } from "#lib/outbox/header-safe.ts";
import {
  enhancedCodeOf,
  isAboutContent,
  judgeContentRefusal,
  judgeRefusal,
} from "#lib/outbox/judge-refusal.ts";
import type { SendingOutcome } from "#lib/outbox/record-sending.ts";
import type { ServerTrouble } from "#lib/outbox/schema.ts";

export type SmtpError = {
  message: string;
  code?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
  command?: string | undefined;
};

/** How far a try came before it failed. */
export type Progress = {
  /** The envelope was begun: connection, TLS and sign-in had worked. */
  mailBegun: boolean;
  /** The message was written to its last byte. */
  messageEnded: boolean;
  /** This process broke it off. */
  stopping: boolean;
};

/** Pure: what a failed try means for the mail, for its address and for whoever runs the server. */
export function judgeSmtpError(error: SmtpError, progress: Progress): SendingOutcome {
  const { messageEnded, stopping } = progress;
  const said = toHeaderSafe(error.response ?? error.message, 300);
  const answered = error.responseCode !== undefined;
  if (!answered && messageEnded) {
    return { kind: "uncertain", error: `No answer after the whole mail had been sent: ${said}` };
  }
  if (!answered && stopping) return { kind: "interrupted" };
  const trouble = troubleOf(error, progress);
  if (trouble !== null) return { kind: "unreachable", error: said, trouble };
  if (isFinal(error)) return { kind: "refused", error: said, about: aboutWhat(error) };
  return { kind: "deferred", error: said };
}

/** Null: it is about this mail. */
function troubleOf(error: SmtpError, { mailBegun }: Progress): ServerTrouble | null {
  const { code, message, responseCode } = error;
  // RFC 4954 6: the server wants a sign-in first; RFC 3207 4: or TLS. Whatever the command was.
  if (responseCode === 530) return "sign_in";
  if (mailBegun || isAboutMail(error)) return null;
  if (code === "EDNS") return "dns";
  if (code === "EAUTH" || code === "ENOAUTH" || code === "EOAUTH2") return "sign_in";
  if (isAboutCertificate(message)) return "certificate";
  return code === "ETLS" || /\b(SSL|TLS)\b/i.test(message) ? "tls" : "connection";
}

/** OpenSSL's words, which is all that is left of its codes after STARTTLS. */
const isAboutCertificate = (message: string): boolean =>
  /self[- ]signed|unable to (get|verify)[\w ]*(issuer|certificate)|certificate|altnames/i.test(
    message,
  );

const isAboutMail = ({ code }: SmtpError): boolean => code === "EENVELOPE" || code === "EMESSAGE";

/** 5xx to this mail or its addresses. 503 is about the order of commands: another try may go through. */
const isFinal = (error: SmtpError): boolean =>
  isAboutMail(error) &&
  (error.responseCode === undefined || (error.responseCode >= 500 && error.responseCode !== 503));

type About = "address" | "doubtful" | "sender" | "message";

/** RFC 5321 4.2.3 and 4.3.2, by the command that was refused. Without an answer it never came to one. */
function aboutWhat({ command, response = "", responseCode }: SmtpError): About {
  if (responseCode === undefined) return "message";
  switch (command) {
    case "RCPT TO":
      return isAboutContent(response) ? "message" : judgeRefusal(response);
    case "MAIL FROM": {
      // RFC 5321 4.5.3.1: 552 means that the message is too large; nodemailer says so itself, without an answer.
      const isTooLarge = responseCode === 552 && enhancedCodeOf(response) === undefined;
      return isTooLarge || isAboutContent(response) ? "message" : "sender";
    }
    default:
      return judgeContentRefusal(response);
  }
}

/** nodemailer's errors carry these fields; anything else thrown keeps its message. */
export function asSmtpError(error: unknown): SmtpError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, code, response, responseCode, command }: Error & Partial<SmtpError> = error;
  return { message, code, response, responseCode, command };
}
