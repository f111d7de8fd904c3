import { expect, test } from "vitest";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { auditFields, wordsOfFields } from "./fields.ts";

test("each field of the log has its words, and no words are left over", () => {
  expect(Object.keys(messagesFor("en").audit.fields).sort()).toEqual([...auditFields].sort());
});

test.each(Object.entries(wordsOfFields))("the words for values of %s are there", (_, home = "") => {
  const found = home
    .split(".")
    .reduce<unknown>((node, name) => Object(node)[name], messagesFor("ja"));
  expect(found).toEqual(expect.objectContaining({}));
  expect(Object.keys(Object(found)).length).toBeGreaterThan(1);
});
