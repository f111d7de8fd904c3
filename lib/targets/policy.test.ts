import { describe, expect, test } from "vitest";
import { privateSpellings } from "#e2e/servers/private-spellings.ts";
import { createTargetPolicy } from "./policy.ts";

const strict = createTargetPolicy({ allowTargets: [], allowHttp: false });
const problemOf = (url: string, policy = strict) => {
  const verdict = policy.checkUrl(url);
  return verdict.ok ? "ok" : verdict.problem;
};

describe("a webhook URL", () => {
  test.each([
    ["https://bot.example.com/webhook", "ok"],
    ["https://bot.example.com:8443/a/b?c=d", "ok"],
    ["https://例え.テスト/フック", "ok"],
    ["https://8.8.8.8/", "ok"],
    ["https://[2606:4700:4700::1111]/", "ok"],
    ["https://bot.example.com./", "ok"],
    ["HTTPS://BOT.EXAMPLE.COM", "ok"],
    [`https://bot.example.com/${"a".repeat(476)}`, "ok"],
    [`https://bot.example.com/${"a".repeat(477)}`, "too_long"],
    ["", "malformed"],
    ["bot.example.com", "malformed"],
    ["https://", "malformed"],
    ["https://bot.example.com/a b", "malformed"],
    [" https://bot.example.com/", "malformed"],
    ["https://bot.exa\tmple.com/", "malformed"],
    ["https://bot.example.com\\@evil.test/", "malformed"],
    ["https://bot..example.com/", "malformed"],
    [`https://${"a".repeat(64)}.example.com/`, "malformed"],
    ["https://bot.example.com:0/", "malformed"],
    ["https://bot.example.com:99999/", "malformed"],
    ["http://bot.example.com/", "not_https"],
    ["ftp://bot.example.com/", "not_https"],
    ["javascript:alert(1)", "not_https"],
    ["file:///etc/passwd", "not_https"],
    ["https://user@bot.example.com/", "credentials"],
    ["https://user:secret@bot.example.com/", "credentials"],
    ["https://bot.example.com/#part", "fragment"],
    ["https://bot.example.com/#", "fragment"],
  ])("%s: %s", (url, expected) => {
    expect(problemOf(url)).toBe(expected);
  });

  test.each(privateSpellings)("to %s is refused", (host) => {
    expect(problemOf(`https://${host}/`)).toMatch(/^(private_target|malformed)$/);
    expect(problemOf(`https://${host}:8443/webhook`)).not.toBe("ok");
  });

  test("may be http only where the operator allows it", () => {
    const lenient = createTargetPolicy({ allowTargets: [], allowHttp: true });
    expect(problemOf("http://bot.example.com/", lenient)).toBe("ok");
    expect(problemOf("ws://bot.example.com/", lenient)).toBe("not_https");
  });
});

describe("what the operator opened", () => {
  const opened = createTargetPolicy({
    allowTargets: ["127.0.0.0/8", "::1/128", "10.1.2.3"],
    allowHttp: true,
  });

  test.each([
    ["http://127.0.0.1:3000/", "ok"],
    ["http://localhost:3000/", "ok"],
    ["http://bot.localhost/", "ok"],
    ["http://[::1]/", "ok"],
    ["http://10.1.2.3/", "ok"],
    ["http://10.1.2.4/", "private_target"],
    ["http://192.168.0.1/", "private_target"],
    ["http://[::ffff:127.0.0.1]/", "private_target"],
    ["http://[::7f00:1]/", "private_target"],
  ])("%s: %s", (url, expected) => {
    expect(problemOf(url, opened)).toBe(expected);
  });

  test("does not open localhost when only other ranges are listed", () => {
    const policy = createTargetPolicy({ allowTargets: ["10.0.0.0/8"], allowHttp: true });
    expect(problemOf("http://localhost/", policy)).toBe("private_target");
    expect(policy.checkAnswer("localhost", ["127.0.0.1"]).allowed).toBe(false);
  });

  test("decides a local name by its addresses, which must all be opened", () => {
    expect(problemOf("https://bot.internal/", opened)).toBe("ok");
    expect(opened.checkAnswer("bot.internal", ["10.1.2.3"]).allowed).toBe(true);
    expect(opened.checkAnswer("bot.internal", ["10.1.2.3", "8.8.8.8"]).allowed).toBe(false);
  });

  test("is used of localhost's addresses, the others are left out", () => {
    const policy = createTargetPolicy({ allowTargets: ["127.0.0.1"], allowHttp: true });
    expect(policy.checkAnswer("localhost", ["127.0.0.1", "::1"])).toEqual({
      allowed: true,
      addresses: ["127.0.0.1"],
    });
  });

  test("must be addresses or ranges", () => {
    const make = (entry: string) => createTargetPolicy({ allowTargets: [entry], allowHttp: false });
    for (const entry of ["bot.example.com", "127.1", "10.0.0.0/33", ""]) {
      expect(() => make(entry), entry).toThrow();
    }
  });
});

describe("an answer", () => {
  test("with one private address is refused as a whole", () => {
    expect(strict.checkAnswer("bot.example.com", ["8.8.8.8", "10.0.0.1"])).toEqual({
      allowed: false,
      why: "10.0.0.1 (private)",
    });
  });

  test("without addresses is refused", () => {
    expect(strict.checkAnswer("bot.example.com", []).allowed).toBe(false);
  });

  test.each(["", "8.8.8", "0x8.8.8.8", "8.8.8.8 ", "fe80::1%eth0", "2606:4700::1%eth0", "bot"])(
    "with %j, which is no address, is refused",
    (text) => {
      expect(strict.checkAddress(text).allowed).toBe(false);
    },
  );
});
