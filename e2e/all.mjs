// npm test: everything, one step after the other, over a temp folder of its own that is gone afterwards.
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const temp = mkdtempSync(join(tmpdir(), "tocsin-test-"));
// The embedded PostgreSQL's account passes through to folders of its own.
chmodSync(temp, 0o711);

let child;
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child?.kill(signal));

/** The exit code of an npm script, whose output goes where ours goes. */
const run = (script, ...args) =>
  new Promise((settle) => {
    child = spawn("npm", ["run", script, "--", ...args], {
      stdio: "inherit",
      env: { ...process.env, TMPDIR: temp },
    });
    child.once("error", () => settle(1));
    child.once("exit", (code) => settle(code ?? 1));
  });

for (const script of [
  ["verify"],
  ["test:integration"],
  ["test:mail-servers"],
  ["test:browser"],
  ["test:front-ends"],
  ["oracle", "--short"],
  ["faults"],
]) {
  process.exitCode = await run(...script);
  if (process.exitCode !== 0) break;
}
rmSync(temp, { recursive: true, force: true });
