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

describe("once the mail began a failure is about", () => {
  test.for([
    ["the address", answered("RCPT TO", 550, "5.1.1 no such user"), "address"],
    ["the address, perhaps", answered("RCPT TO", 550, "no"), "doubtful"],
    ["the sender", answered("RCPT TO", 550, "5.1.8 Domain not found"), "sender"],
    [
      "the sender, to MAIL FROM, whatever the code",
      answered("MAIL FROM", 550, "5.1.1 x"),
      "sender",
    ],
    ["the message, when it is too large", answered("MAIL FROM", 552, "too large"), "message"],
    ["the message, whatever the code", answered("DATA", 550, "5.1.1 x"), "message"],
  ] as [string, SmtpError, string][])("%s", ([, error, about]) => {
    expect(judgeSmtpError(error, during)).toMatchObject({ kind: "refused", about });
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
