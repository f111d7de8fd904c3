import { expect, test } from "vitest";
import { messagesFor } from "./catalogue.ts";
import { preferredLocale } from "./locales.ts";

/** Every text by its path, with the names of its placeholders. */
function flatten(node: object, path = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(node)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (typeof value === "string") texts.set(at, placeholders(value));
    else for (const [inner, text] of flatten(value, at)) texts.set(inner, text);
  }
  return texts;
}

/**
 * What an ICU message prints: plain arguments, and those of plurals that show their number. One that only chooses
 * between words ("event", "events") may be left out in a language without plurals.
 */
function placeholders(text: string): string {
  const names = new Set<string>();
  readMessage(text, 0, names);
  return [...names].sort().join(" ");
}

/** Reads up to the brace that closes the message, and returns its place. */
function readMessage(text: string, start: number, names: Set<string>): number {
  let at = start;
  while (at < text.length && text[at] !== "}") {
    at = text[at] === "{" ? readArgument(text, at + 1, names) : at + 1;
  }
  return at;
}

/** Branches of plural and select are messages themselves. */
function readArgument(text: string, start: number, names: Set<string>): number {
  const name = /^[^,}]*/.exec(text.slice(start))?.[0] ?? "";
  let at = start + name.length;
  const isPlain = /^[^{]*?}/.test(text.slice(at));
  while (at < text.length && text[at] !== "}") {
    at = text[at] === "{" ? readMessage(text, at + 1, names) + 1 : at + 1;
  }
  if (isPlain || text.slice(start, at).includes("#")) names.add(name.trim());
  return at + 1;
}

test("both languages have the same texts with the same placeholders", () => {
  const en = Object.fromEntries(flatten(messagesFor("en")));
  const ja = Object.fromEntries(flatten(messagesFor("ja")));
  expect(ja).toEqual(en);
});

test("no text is empty, and no Japanese text was left in English by oversight", () => {
  const japanese = flattenTexts(messagesFor("ja"));
  const english = flattenTexts(messagesFor("en"));
  expect([...japanese, ...english].filter(([, text]) => text.trim() === "")).toEqual([]);
  const left = [...japanese].filter(([path, text]) => {
    const sentence = /[a-z]+ [a-z]+ [a-z]+/.test(text.replace(/\{[^}]*\}/g, ""));
    return sentence && english.get(path) === text;
  });
  expect(left).toEqual([]);
});

function flattenTexts(node: object, path = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(node)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (typeof value === "string") texts.set(at, value);
    else for (const [inner, text] of flattenTexts(value, at)) texts.set(inner, text);
  }
  return texts;
}

test("the browser's first known language is taken, else English", () => {
  expect(preferredLocale("fr-FR,ja;q=0.8,en;q=0.5")).toBe("ja");
  expect(preferredLocale("en-GB,ja")).toBe("en");
  expect(preferredLocale("fr")).toBe("en");
  expect(preferredLocale(null)).toBe("en");
});
