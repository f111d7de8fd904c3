// npm run docs:pictures: the README's pictures, of the demo's own pages in both themes, into docs/images.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "@playwright/test";
import { freePort } from "#e2e/servers/free-port.ts";
import { findBrowser } from "#e2e/support/browser.ts";
import { fillSignIn } from "#e2e/support/page-checks.ts";
import { type Demo, startDemo } from "./demo.ts";

const images = join(import.meta.dirname, "../../docs/images");
const themes = ["light", "dark"] as const;
/** A page by the name of its picture: `of` a channel of the sample world or of all, whole once `shows` is seen. */
const pages = [
  {
    ...{ picture: "errors", of: "Orders bot", path: "/statistics/errors?range=30d" },
    shows: ".recharts-bar-rectangle",
  },
  { picture: "home", of: null, path: "", shows: "h2" },
] as const;

const dataDir = await mkdtemp(join(tmpdir(), "tocsin-pictures-"));
const demo = await startDemo({
  dataDir,
  source: { PORT: String(await freePort()), ENGINE_PORT: String(await freePort()) },
  say: (line) => console.log(line),
});
const browser = await chromium.launch(await findBrowser());
try {
  for (const theme of themes) await takeAll(browser, demo, theme);
} finally {
  await browser.close();
  await demo.stop();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
}

async function takeAll(
  browser: Browser,
  { product, world, password }: Demo,
  theme: (typeof themes)[number],
): Promise<void> {
  const context = await browser.newContext({
    baseURL: product.consoleUrl,
    colorScheme: theme,
    deviceScaleFactor: 2,
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await fillSignIn(page, "admin@example.com", password);
  await page.waitForURL(/\/console$/);
  for (const { picture, of, path, shows } of pages) {
    const channel = world.states.find(({ name }) => name === of);
    const place = channel === undefined ? "" : `/channel/${channel.channelId}`;
    await page.goto(`/console${place}${path}`);
    await page.locator(shows).first().waitFor();
    const file = `${picture}-${theme}.png`;
    await page.screenshot({ path: join(images, file) });
    console.log(`docs/images/${file}`);
  }
  await context.close();
}
