import { type BrowserContext, test as base, type Page } from "@playwright/test";

/**
 * As Playwright's own, but a page is open once its streamed parts stand in their places: until then their words stand there a second
 * time, hidden, and whoever looks for them finds two. A person sees one of them; the browser moves it with its next frame.
 */
export const test = base.extend<object, object>({
  browser: [
    async ({ browser }, use) => {
      const open = browser.newContext.bind(browser);
      browser.newContext = async (options) => waiting(await open(options));
      await use(browser);
    },
    { scope: "worker" },
  ],
});

function waiting(context: BrowserContext): BrowserContext {
  context.on("page", (page) => {
    const go = page.goto.bind(page);
    page.goto = async (...how) => {
      const response = await go(...how);
      await untilInPlace(page);
      return response;
    };
    const reload = page.reload.bind(page);
    page.reload = async (...how) => {
      const response = await reload(...how);
      await untilInPlace(page);
      return response;
    };
  });
  return context;
}

/** Without scripts nothing is ever moved, and a page that is left meanwhile has nothing to wait for. */
async function untilInPlace(page: Page): Promise<void> {
  await page
    .waitForFunction(
      () => !("__next_f" in window) || document.querySelector('[hidden][id^="S:"]') === null,
      undefined,
      { timeout: 30_000 },
    )
    .catch(() => undefined);
}
