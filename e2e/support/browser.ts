import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type LaunchOptions } from "@playwright/test";

/** `/usr/bin/chromium-browser` is left out: on some systems it is a stub that installs something else. */
const installed = [
  "/usr/bin/google-chrome",
  "/usr/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const nssPaths = [
  "/usr/lib/x86_64-linux-gnu/libnss3.so",
  "/usr/lib/aarch64-linux-gnu/libnss3.so",
  "/usr/lib64/libnss3.so",
];

/**
 * Debian's Chromium without the parts that draw a window, as Playwright's own is for tests: a journey costs it two thirds of the
 * processor time of the whole browser, which comes alive as on a screen.
 */
const windowless = "/usr/bin/chromium-headless-shell";

/**
 * A browser without a download: CHROMIUM_PATH, Playwright's own when it is there, one that is installed, and on Linux
 * the one that a package of the lock file brings, with its own libraries where the system lacks them. `isWhole`: what people
 * use, for what measures or takes pictures; otherwise one that cannot show a window will do.
 */
export async function findBrowser({
  isWhole = true,
} = {}): Promise<Pick<LaunchOptions, "executablePath" | "env">> {
  const given = process.env.CHROMIUM_PATH;
  if (given !== undefined && given !== "") return { executablePath: given };
  if (existsSync(chromium.executablePath())) return {};
  const candidates = isWhole ? installed : [windowless, ...installed];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return { executablePath: found };
  if (process.platform === "linux") return unpackBrowser();
  throw new Error("No Chromium found: run `npx playwright install chromium` or set CHROMIUM_PATH.");
}

async function unpackBrowser(): Promise<{ executablePath: string; env?: Record<string, string> }> {
  // It unpacks into the system's temp folder unless told otherwise; nothing is to be left there.
  const home = join(import.meta.dirname, "../../.data/browser");
  await mkdir(home, { recursive: true });
  process.env.TMPDIR = home;
  const { default: bundled, inflate } = await import("@sparticuz/chromium");
  const executablePath = await bundled.executablePath();
  if (nssPaths.some((path) => existsSync(path))) return { executablePath };
  await inflate(
    join(import.meta.dirname, "../../node_modules/@sparticuz/chromium/bin/al2023.tar.br"),
  );
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([, value]) => value !== undefined),
  );
  return {
    executablePath,
    env: { ...env, LD_LIBRARY_PATH: join(home, "al2023", "lib") } as Record<string, string>,
  };
}
