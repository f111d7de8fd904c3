import { expect, test } from "vitest";
import { lastMailOf } from "./standing.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 6, minute));
const copy = (state: string, minute: number) => ({
  ...{ state, writtenAt: at(minute), sentAt: state === "sent" ? at(minute + 1) : null },
});

test("a mail is sent once one of its copies is, at the time of the last of them", () => {
  const copies = [copy("sent", 40), copy("sent", 42), copy("queued", 45), copy("withdrawn", 50)];
  expect(lastMailOf(copies)).toEqual({
    ...{ state: "sent", at: at(43), recipientCount: 2, ofCount: 3 },
  });
});

test("whoever waits for a digest has not been written to, and counts among those who will be", () => {
  expect(lastMailOf([copy("kept", 40), copy("waiting", 41)])).toMatchObject({
    ...{ state: "kept", recipientCount: 1, ofCount: 2 },
  });
  expect(lastMailOf([copy("waiting", 41)])).toBeNull();
});

test("a mail that no server took, or that came back, is not sent", () => {
  expect(lastMailOf([copy("bounced", 40), copy("failed", 41)])?.state).toBe("failed");
  expect(lastMailOf([copy("sending", 40), copy("failed", 41)])?.state).toBe("on_its_way");
  expect(lastMailOf([copy("withdrawn", 40)])).toBeNull();
});
