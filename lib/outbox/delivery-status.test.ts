import { describe, expect, test } from "vitest";
import { judgeReport, readDeliveryStatus, readMessageId } from "./delivery-status.ts";

const lines = (...all: string[]): string => all.join("\r\n");

// As these servers wrote them of a recipient that the next server refused; the names are ours.
const postfix = lines(
  "Reporting-MTA: dns; mx.example.com",
  "X-Postfix-Queue-ID: 9540722E452",
  "X-Postfix-Sender: rfc822; tocsin@mail.example",
  "",
  "Final-Recipient: rfc822; gone@remote.example",
  "Original-Recipient: rfc822;gone@remote.example",
  "Action: failed",
  "Status: 5.1.1",
  "Remote-MTA: dns; 127.0.0.1",
  "Diagnostic-Code: smtp; 550 5.1.1 No such",
  "    user here",
  "",
);
const exim = lines(
  "Reporting-MTA: dns; mx.example.com",
  "",
  "Action: failed",
  "Final-Recipient: rfc822;gone@remote.example",
  "Status: 5.0.0",
  "Remote-MTA: dns; 127.0.0.1",
  "Diagnostic-Code: smtp; 550 5.1.1 No such user here",
);
const opensmtpd = lines(
  "Reporting-MTA: dns; mx.example.com",
  "",
  "Final-Recipient: rfc822; gone@remote.example",
  "Action: failed",
  "Status: 5.0.0",
);

describe("a delivery status notification", () => {
  test("of Postfix tells recipient, status and the other server's words, folded or not", () => {
    expect(readDeliveryStatus(postfix)).toEqual([
      {
        recipients: ["gone@remote.example", "gone@remote.example"],
        finalRecipient: "gone@remote.example",
        action: "failed",
        status: "5.1.1",
        diagnostic: "550 5.1.1 No such user here",
      },
    ]);
  });

  test("of Exim and OpenSMTPD tells what these know", () => {
    expect(readDeliveryStatus(exim)).toMatchObject([
      { status: "5.0.0", diagnostic: "550 5.1.1 No such user here" },
    ]);
    expect(readDeliveryStatus(opensmtpd)).toMatchObject([{ status: "5.0.0", diagnostic: "" }]);
  });

  test("about several recipients tells of each, and of nothing where it is none", () => {
    const two = `${exim}\r\n\r\nAction: delayed\r\nFinal-Recipient: rfc822;slow@remote.example\r\nStatus: 4.4.1\r\n`;
    expect(readDeliveryStatus(two).map(({ action }) => action)).toEqual(["failed", "delayed"]);
    for (const text of ["", "\n\n\n", "Action: failed", "\n\nAction: failed\n\nx"]) {
      expect(readDeliveryStatus(text)).toEqual([]);
    }
  });
});

describe("the Message-ID of what came back", () => {
  test("is found folded and in whatever case", () => {
    expect(readMessageId("Subject: x\r\nmessage-id:\r\n <a.b@mail.example>\r\nTo: a")).toBe(
      "<a.b@mail.example>",
    );
  });

  test("is taken from the header alone, and the first counts", () => {
    expect(readMessageId("Subject: x\n\nMessage-ID: <a@mail.example>")).toBeNull();
    expect(readMessageId("Message-ID: <a@x>\nMessage-ID: <b@x>")).toBe("<a@x>");
  });
});

describe("a failure is about", () => {
  test.for([
    ["the address when the other server says so", "5.0.0", "550 5.1.1 No such user", "address"],
    ["the address when the status says so", "5.1.1", "unknown user: gone", "address"],
    ["the address when its domain takes no mail", "5.1.10", "", "address"],
    ["nobody for sure when nothing but a plain answer is told", "5.0.0", "550 no", "doubtful"],
    [
      "others when the other server says so, whatever the status",
      "5.1.1",
      "550 5.7.1 no",
      "sender",
    ],
    ["others when the words of a plain answer name them", "5.1.1", "550 relay denied", "sender"],
    ["others when it took too long", "4.4.7", "delivery time expired", "sender"],
    ["others when nothing is told", "5.0.0", "", "sender"],
    ["the message when it was too large", "5.3.4", "", "message"],
    ["the message when it is not taken so", "5.0.0", "550 5.6.1 media not supported", "message"],
    ["others by a policy, whatever the status", "5.3.4", "554 5.7.1 not wanted", "sender"],
  ] as const)("%s", ([, status, diagnostic, about]) => {
    const report = {
      recipients: ["gone@remote.example"],
      finalRecipient: "gone@remote.example",
      action: "failed",
      status,
      diagnostic,
    };
    expect(judgeReport(report)).toBe(about);
  });
});

test("an id with characters that no id of ours has is none", () => {
  expect(readMessageId("Message-ID: <a\0b@example.com>\n")).toBeNull();
  expect(readMessageId("Message-ID: <a.b-1@example.com>\n")).toBe("<a.b-1@example.com>");
});
