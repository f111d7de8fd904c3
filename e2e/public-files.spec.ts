import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { gatherComplaints } from "./support/page-checks.ts";
import { consolePort } from "./support/ports.ts";

// What browsers and chat programs ask for unasked, as somebody gets it who is not signed in.

const origin = `http://localhost:${consolePort}`;
const complaints: string[] = [];
test.beforeEach(({ page }) => gatherComplaints(page, complaints));

test("a page names its icons, its manifest and its picture, and the browser can use them", async ({
  page,
}) => {
  await page.goto("/console");
  // Set-up, where this journey is the first of all.
  await expect(page).toHaveURL(/\/(sign-in|setup)$/);
  const named = await page.evaluate(() =>
    [
      ...document.querySelectorAll(
        "link[rel=icon], link[rel=apple-touch-icon], meta[property='og:image'], meta[name='twitter:image']",
      ),
    ].map(
      (one) =>
        new URL(one.getAttribute("href") ?? one.getAttribute("content") ?? "", location.href).href,
    ),
  );
  const paths = ["/favicon.ico", "/icon.svg", "/apple-touch-icon.png", "/share.png"];
  expect([...new Set(named)].sort()).toEqual(paths.map((path) => origin + path).sort());
  for (const url of named) {
    // Drawn by the page itself, so under its Content-Security-Policy.
    const width = await page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return image.naturalWidth;
    }, url);
    expect([url, width > 0]).toEqual([url, true]);
  }
  await expect(page.locator("meta[name=description]")).toHaveAttribute(
    "content",
    /^Delivers webhooks/,
  );
  await expect(page.locator("meta[property='og:title']")).toHaveAttribute("content", /Tocsin$/);

  const browser = await page.context().newCDPSession(page);
  const { url, errors, data } = await browser.send("Page.getAppManifest");
  expect([url, errors]).toEqual([`${origin}/site.webmanifest`, []]);
  const { icons }: { icons: { src: string }[] } = JSON.parse(data ?? "{}");
  for (const { src } of icons) {
    const answer = await page.request.get(src);
    expect([src, answer.status()]).toEqual([src, 200]);
  }
  expect(complaints).toEqual([]);
});

test("public files are served with the protective headers and their own types", async ({
  request,
}) => {
  const types = {
    "/robots.txt": /^text\/plain/,
    "/site.webmanifest": /^application\/manifest\+json/,
    "/favicon.ico": /^image\/x-icon/,
    "/icon.svg": /^image\/svg\+xml/,
    "/share.png": /^image\/png/,
  };
  for (const [path, type] of Object.entries(types)) {
    const answer = await request.get(path, { maxRedirects: 0 });
    expect([path, answer.status()]).toEqual([path, 200]);
    expect([path, answer.headers()["content-type"]]).toEqual([path, expect.stringMatching(type)]);
    expect(answer.headers()).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
  }
});

test("robots.txt leaves out what is behind a link of one person, and no page that may be read", async ({
  request,
}) => {
  const text = await (await request.get("/robots.txt")).text();
  const left = [...text.matchAll(/^Disallow: (.+)$/gm)].map(([, path]) => path);
  expect(left).toContain("/invitation/");
  expect(left).not.toContain("/");
});
