import { expect, test } from "vitest";
import { safePath } from "./next-path.ts";

test.each(["/console", "/console/channel/1234567890/roles", "/invitation/aB_-9"])(
  "%s is a path of the console",
  (path) => expect(safePath(path)).toBe(path),
);

test.each([
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "/console//evil.example",
  "/console/../../x",
  "/console@evil.example",
  "javascript:alert(1)",
  "",
  null,
])("%s leads nowhere", (path) => expect(safePath(path)).toBeNull());
