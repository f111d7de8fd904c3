import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const css = readFileSync(join(import.meta.dirname, "../../app/globals.css"), "utf8");

/** What a token is in the light and in the dark theme. */
function token(name: string): [string, string] {
  const [, light, dark] =
    new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css) ?? [];
  if (light === undefined || dark === undefined) throw new Error(`--${name} is no colour`);
  return [light, dark];
}

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const drawn = [
  "ok-line",
  ...["could-not-connect", "request-timeout", "error-status-code", "unclassified"].map(
    (reason) => `reason-${reason}`,
  ),
  ...[1, 2, 3, 4, 5, 6].map((part) => `part-${part}`),
];

test.each(drawn)("%s stands out from the card that charts are drawn on", (name) => {
  token(name).forEach((colour, theme) => {
    expect(contrast(colour, token("surface")[theme] ?? "")).toBeGreaterThanOrEqual(3);
  });
});

test("no part has the colour of a reason, nor of another part", () => {
  for (const theme of [0, 1]) {
    const colours = drawn.map((name) => token(name)[theme]);
    expect(new Set(colours).size).toBe(drawn.length);
  }
});
