import { describe, expect, test } from "vitest";
import { judgeRefusal } from "./judge-refusal.ts";

describe("an answer to a recipient", () => {
  test.for([
    "550 5.1.1 <gone@example.com>: Recipient address rejected: User unknown in local recipient table",
    "550-5.1.1 The email account that you tried to reach does not exist.\n550 5.1.1 See the help pages.",
    "550 5.1.2 Bad destination system address",
    "501 5.1.3 Bad recipient address syntax",
    "551 5.1.6 Moved",
    "556 5.1.10 Recipient address has a null MX",
  ])("with a code about the recipient is about the address: %s", (answer) => {
    expect(judgeRefusal(answer)).toBe("address");
  });

  test.for([
    "550 5.1.8 <tocsin@nowhere.example>: Sender address rejected: Domain not found",
    "550 5.1.7 <tocsin@example.com>: Sender address rejected: undeliverable address",
    "550 5.1.0 Address rejected",
    "553 5.1.9 Message too big for the translation",
    "550 5.1.4 Destination mailbox address ambiguous",
    "554 5.7.1 <somebody@elsewhere.example>: Relay access denied",
    "550 5.2.1 Mailbox disabled, not accepting messages",
    "552 5.2.2 Mailbox full",
    "550 5.0.0 Mail rejected",
    "550-5.1.1 no such user\n550 5.7.1 or you may not ask",
    "554 5.10.1 not 5.1.1",
  ])("with any other code is not: %s", (answer) => {
    expect(judgeRefusal(answer)).toBe("sender");
  });

  test.for([
    "550-Verification failed for <tocsin@nowhere.example>\n550-Unrouteable address\n550 Sender verify failed",
    "550 relay not permitted",
    "550 Host 5.1.1.7 is blocked",
    "550 Rejected by policy",
    "554 no",
    "521 does not accept mail",
  ])("without a code that names somebody else, or of another kind, is not: %s", (answer) => {
    expect(judgeRefusal(answer)).toBe("sender");
  });

  test.for([
    "550 Unrouteable address",
    "550 Invalid recipient: <a@example.com>",
    "553 no",
    "551 gone",
  ])("without a code may be about the address, or may not: %s", (answer) => {
    expect(judgeRefusal(answer)).toBe("doubtful");
  });

  test("finds a code only behind the reply code: numbers in a text are none", () => {
    expect(judgeRefusal("550 your host is 5.1.1.1")).toBe("doubtful");
    expect(judgeRefusal("550 5.1.1.1 is not welcome")).toBe("doubtful");
  });
});
