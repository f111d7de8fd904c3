import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page } from "@playwright/test";

/** Nothing on the page is hard to reach for anyone, as far as a program can tell. */
export async function expectAccessible(page: Page): Promise<void> {
  // Next takes a page's title along after its content, so that for a moment there is none.
  await expect(page).toHaveTitle(/./);
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`),
  ).toEqual([]);
}

/** Gathers what the browser complains about: script errors, refused resources, Content-Security-Policy. */
export function gatherComplaints(page: Page, complaints: string[]): void {
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
}

export async function fillSignIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await fillSignIn(page, email, password);
  await expect(page).toHaveURL(/\/console$/);
}

/** Signs in at the test's OpenID Connect server, which takes any password. */
export async function signInElsewhere(page: Page, login: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Sign in with Harbour ID" }).click();
  await showWhoIsThere(page, login);
  await page.getByRole("button", { name: /continue/i }).click();
}

/** At the provider. */
export async function showWhoIsThere(page: Page, login: string): Promise<void> {
  await page.locator("input[name=login]").fill(login);
  await page.locator("input[name=password]").fill("anything");
  await page.getByRole("button", { name: /sign-in/i }).click();
}

/** Until a press on this is taken by the page itself: before, a form is sent as without a script, and the page is loaded anew. */
export async function untilAlive(control: Locator): Promise<void> {
  await expect
    .poll(() =>
      control.evaluate((element) =>
        Object.keys(element).some((name) => name.startsWith("__reactProps$")),
      ),
    )
    .toBe(true);
}

/** A text of a page that comes in parts: until a part is put in its place, its words may stand there a second time, hidden. */
export const shown = (page: Page, text: string, options?: { exact?: boolean }): Locator =>
  page.getByText(text, options).filter({ visible: true });
