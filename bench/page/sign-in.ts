import type { BrowserContext, Page } from "@playwright/test";
import { fillSignIn } from "#e2e/support/page-checks.ts";

/** On a busy machine the first sign-in takes its time. */
const signInMsMax = 120_000;

/** A new page of somebody who has just signed in. */
export async function signInTo(
  browser: BrowserContext,
  { email, password }: { email: string; password: string },
): Promise<Page> {
  const page = await browser.newPage();
  await fillSignIn(page, email, password);
  await page.waitForURL(/\/console$/, { timeout: signInMsMax });
  return page;
}
