import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Place } from "#e2e/front-ends/place.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";
import { testRequest } from "#e2e/servers/sending.ts";

const source = fileURLToPath(new URL("../frameworks", import.meta.url));
let installed: Promise<string> | null = null;

/** A bot server written with one of the frameworks, knowing `secret`; gives its port. */
export async function startFramework(
  place: Place,
  framework: string,
  secret = testRequest("").channelSecret,
): Promise<number> {
  installed ??= install();
  const folder = await installed;
  const port = await ownPort();
  await place.run(
    framework,
    [process.execPath, "--no-deprecation", join(folder, "serve.mjs"), framework, `${port}`, secret],
    [port],
  );
  return port;
}

/** Into a temp folder, once: the product itself does not carry what its guests are written with. */
async function install(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "frameworks-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  cpSync(source, folder, { recursive: true });
  const how = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
  await promisify(execFile)("npm", how, { cwd: folder });
  await promisify(execFile)("chmod", ["-R", "a+rX", folder]);
  return folder;
}
