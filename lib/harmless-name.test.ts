import { expect, test } from "vitest";
import { harmlessName } from "./harmless-name.ts";

test.each([
  ["Orders bot", "Orders bot"],
  ["注文ボット", "注文ボット"],
  ["Dr. Smith & Co. (test)", "Dr. Smith & Co. (test)"],
  ["Pay at https://pay.example/now", "Pay at https[:]//pay[.]example/now"],
  ["www.pay.example", "www[.]pay[.]example"],
  ["pay．example", "pay[．]example"],
  ["write to me@pay.example", "write to me[@]pay[.]example"],
  ["192.0.2.1", "192[.]0[.]2[.]1"],
  ["two\r\nlines: Bcc: a", "two lines: Bcc: a"],
])("of %j a mail to a stranger says %j", (name, said) => {
  expect(harmlessName(name)).toBe(said);
});

test("a name takes one line of at most 60 characters, as people count them", () => {
  const said = harmlessName("👩‍👩‍👧".repeat(100));
  expect([...new Intl.Segmenter().segment(said)]).toHaveLength(60);
  expect(said.endsWith("…")).toBe(true);
});
