import { expect, test } from "vitest";
import { verifiedPrimary } from "./github-email.ts";

const entry = (email: string, primary: boolean, verified: boolean) => ({
  email,
  primary,
  verified,
  visibility: null,
});

test("only a primary address that GitHub has verified counts", () => {
  expect(verifiedPrimary([entry("a@x.com", false, true), entry("b@x.com", true, true)])).toBe(
    "b@x.com",
  );
  expect(
    verifiedPrimary([entry("a@x.com", false, true), entry("b@x.com", true, false)]),
  ).toBeNull();
  expect(verifiedPrimary({ message: "Requires authentication" })).toBeNull();
});
