import { execFileSync } from "node:child_process";
import { validateSignature } from "@line/bot-sdk";
import { expect, test } from "vitest";
import { composeBody } from "#lib/queue/events.ts";
import { curlCommand, rebuildRequest } from "./sent-request.ts";

const body = composeBody(
  "U1",
  [
    JSON.stringify({
      type: "message",
      message: { type: "text", text: `it's $HOME \`id\` "🤨" \\ \n` },
    }),
  ],
  new Date(0),
);
const webhook = { id: "019b0000-0000-7000-8000-000000000001", body };
const attempt = {
  attempt: 2,
  startedAt: new Date(1_800_000_000_500),
  url: "https://b.example/x?y=1",
};
const secrets = { current: "secret", next: null };

test("a further attempt is rebuilt with its mark, its time and a signature that the official SDK accepts", () => {
  const request = rebuildRequest(webhook, attempt, secrets);
  const headers = new Map(request.headers);
  expect(JSON.parse(request.body).events[0].deliveryContext).toEqual({ isRedelivery: true });
  expect(validateSignature(request.body, "secret", headers.get("x-line-signature") ?? "")).toBe(
    true,
  );
  expect(headers.get("webhook-timestamp")).toBe("1800000000");
  expect(headers.get("host")).toBe("b.example");
  expect(headers.get("content-length")).toBe(String(Buffer.byteLength(request.body)));
});

test("without secrets no signature is made", () => {
  const names = rebuildRequest(webhook, attempt, null).headers.map(([name]) => name);
  expect(names.filter((name) => name.includes("signature"))).toEqual([]);
});

test.each([body, JSON.stringify({ large: "'é".repeat(60_000) })])(
  "a shell that runs the command hands on exactly the bytes that were signed",
  (text) => {
    const command = curlCommand({
      url: "https://b.example/'",
      headers: [["a", "b'c"]],
      body: text,
    });
    // Instead of curl: what arrives as arguments and on standard input.
    const probe = `curl() { for one in "$@"; do printf '%s\\0' "$one"; done; case "$*" in *@-*) cat;; esac; }; ${command}`;
    const out = execFileSync("sh", { input: probe, encoding: "utf8" }).split("\0");
    // Only as the first argument does it keep curl from its configuration file.
    expect(out[0]).toBe("-q");
    expect(out).toContain("a: b'c");
    expect(out).toContain("https://b.example/'");
    expect(out).toContain(text);
  },
);
