import { describe, expect, test } from "vitest";
import { judgeSmtpError, type Progress, type SmtpError } from "./judge-smtp-error.ts";

const before: Progress = { mailBegun: false, messageEnded: false, stopping: false };
const during: Progress = { ...before, mailBegun: true };
const answered = (command: string, responseCode: number, text: string): SmtpError => ({
  code: command === "DATA" ? "EMESSAGE" : "EENVELOPE",
  message: text,
  command,
  responseCode,
  response: `${responseCode} ${text}`,
});

describe("before the mail began a failure is the server's, and the mail waits", () => {
  test.for([
    ["dns", { code: "EDNS", message: "getaddrinfo ENOTFOUND mail.example" }],
    ["connection", { code: "ESOCKET", message: "connect ECONNREFUSED 127.0.0.1:25" }],
    ["connection", { code: "ETIMEDOUT", message: "Greeting never received" }],
    ["connection", { code: "EABORT", message: "Message sending aborted" }],
    ["certificate", { code: "ETLS", message: "Error initiating TLS - self-signed certificate" }],
    ["certificate", { code: "ESOCKET", message: "certificate has expired" }],
    ["certificate", { code: "ESOCKET", message: "unable to verify the first certificate" }],
    ["certificate", { code: "ESOCKET", message: "unable to get local issuer certificate" }],
    [
      "certificate",
      { code: "ESOCKET", message: "Hostname/IP does not match certificate's altnames" },
    ],
    ["tls", { code: "ETLS", message: "Error upgrading connection with STARTTLS" }],
    ["tls", { code: "ESOCKET", message: "SSL routines:ssl3_get_record:wrong version number" }],
    ["sign_in", { code: "EAUTH", message: "Invalid login: 535 5.7.8 no", responseCode: 535 }],
  ] as [string, SmtpError][])("%s: %o", ([trouble, error]) => {
    expect(judgeSmtpError(error, before)).toMatchObject({ kind: "unreachable", trouble });
  });
});

/** RFC 3463 and RFC 5321 4.2.3, by the command that is refused. */
const refusals: [command: string, answer: string, about: string][] = [
  ["MAIL FROM", "501 5.1.7 bad sender address", "sender"],
  ["MAIL FROM", "550 5.1.1 x", "sender"],
  ["MAIL FROM", "550 5.7.1 not allowed to send", "sender"],
  ["MAIL FROM", "552 5.7.1 not allowed to send so much", "sender"],
  ["MAIL FROM", "553 sender is not local", "sender"],
  ["MAIL FROM", "555 parameters not recognized", "sender"],
  ["MAIL FROM", "552 too large", "message"],
  ["MAIL FROM", "552 5.3.4 too large for this system", "message"],
  ["MAIL FROM", "550 5.2.3 longer than the mailbox takes", "message"],
  ["RCPT TO", "550 5.1.1 no such user", "address"],
  ["RCPT TO", "550 no", "doubtful"],
  ["RCPT TO", "556 domain does not accept mail", "doubtful"],
  ["RCPT TO", "550 5.1.8 Domain not found", "sender"],
  ["RCPT TO", "550 5.7.1 relaying denied", "sender"],
  ["RCPT TO", "554 no", "sender"],
  ["RCPT TO", "552 5.3.4 too large for this system", "message"],
  ["RCPT TO", "550 5.2.3 longer than the mailbox takes", "message"],
  ["DATA", "550 5.7.1 rejected by policy", "sender"],
  ["DATA", "554 5.7.26 unauthenticated: neither SPF nor DKIM", "sender"],
  ["DATA", "550-5.7.1 see our pages\n550 5.7.1 not accepted", "sender"],
  ["DATA", "550 5.1.8 sender domain not found", "sender"],
  ["DATA", "552 5.7.0 not welcome", "sender"],
  ["DATA", "554 rejected as spam", "sender"],
  ["DATA", "550 DKIM signature missing", "sender"],
  ["DATA", "554 5.0.0 your host is blacklisted", "sender"],
  ["DATA", "554 5.6.0 rate limit reached", "sender"],
  ["DATA", "552 5.3.4 message size exceeds the limit", "message"],
  ["DATA", "552 message size exceeds fixed limit", "message"],
  ["DATA", "552 5.2.3 limit of this mailbox", "message"],
  ["DATA", "554 5.6.1 media not supported, by policy", "message"],
  ["DATA", "554 5.6.0 line is too long", "message"],
  ["DATA", "550 5.1.1 x", "message"],
  ["DATA", "554 transaction failed", "message"],
];

describe("once the mail began a failure is about", () => {
  test.for(refusals)("%s: %s: the %s", ([command, answer, about]) => {
    const error = answered(command, Number(answer.slice(0, 3)), answer.slice(4));
    expect(judgeSmtpError(error, during)).toMatchObject({ kind: "refused", about });
  });

  test("the message, when it is larger than the server has announced to take", () => {
    const error = { code: "EMESSAGE", message: "Message size larger than allowed 10" };
    const said = { ...error, responseCode: 552, command: "MAIL FROM" };
    expect(judgeSmtpError(said, during)).toMatchObject({ kind: "refused", about: "message" });
  });

  test.for([
    answered("RCPT TO", 450, "4.7.1 greylisted"),
    answered("RCPT TO", 503, "bad sequence"),
    answered("MAIL FROM", 451, "4.3.0 later"),
    answered("DATA", 421, "closing"),
    { code: "ECONNECTION", message: "Connection closed unexpectedly" },
  ] as SmtpError[])("this moment only: %o", (error) => {
    expect(judgeSmtpError(error, during)).toMatchObject({ kind: "deferred" });
  });

  test("the sign-in, when the server wants one first", () => {
    const error = answered("MAIL FROM", 530, "5.7.0 Authentication required");
    expect(judgeSmtpError(error, during)).toMatchObject({
      kind: "unreachable",
      trouble: "sign_in",
    });
  });
});

test("an answer counts while this process stops; without one the mail is due again", () => {
  const stopping = { ...during, stopping: true };
  const cut = { code: "ECONNECTION", message: "closed" };
  expect(judgeSmtpError(cut, stopping)).toEqual({ kind: "interrupted" });
  expect(judgeSmtpError(cut, { ...stopping, messageEnded: true }).kind).toBe("uncertain");
  expect(judgeSmtpError(answered("DATA", 554, "spam"), stopping).kind).toBe("refused");
});
