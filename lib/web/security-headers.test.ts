import { expect, test } from "vitest";
import { contentSecurityPolicy, securityHeaders } from "./security-headers.ts";

test("scripts run by the page's nonce only, and eval not at all in production", () => {
  const policy = contentSecurityPolicy("abc", { development: false });
  const scripts = policy.split("; ").find((part) => part.startsWith("script-src"));
  expect(scripts).toBe("script-src 'self' 'nonce-abc' 'strict-dynamic'");
  for (const part of ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) {
    expect(policy).toContain(part);
  }
});

test("browsers are told to stay on https only where the console is reached by it", () => {
  const names = (secure: boolean) => securityHeaders(secure).map(([name]) => name);
  expect(names(true)).toContain("strict-transport-security");
  expect(names(false)).not.toContain("strict-transport-security");
});
