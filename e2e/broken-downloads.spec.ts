import { createServer, request, type Server } from "node:http";
import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { sealSessionCookie } from "./support/console-client.ts";
import { expectAccessible } from "./support/page-checks.ts";
import { consolePort, secondConsolePort } from "./support/ports.ts";

// A file that breaks off behind a proxy which ends it as if it were whole.

/** So many that the file is cut off within, also where it travels packed. */
const rowCount = 60_000;
const bytesMax = 100_000;
const origin = `http://localhost:${secondConsolePort}`;

let database: Database;
let channelId: string;
let proxy: Server;
let isBreaking = true;

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  proxy = createServer((asked, answer) => {
    const { method = "GET", headers, url = "/" } = asked;
    const onward = request({ port: consolePort, path: url, method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.byteLength;
        if (isBreaking && url.includes("/tsv") && bytes > bytesMax) {
          response.destroy();
          answer.end();
        } else answer.write(chunk);
      });
      response.on("end", () => answer.end());
    });
    asked.pipe(onward);
    answer.on("close", () => onward.destroy());
    onward.on("error", () => answer.end());
  });
  await new Promise<void>((settle) => proxy.listen(secondConsolePort, settle));
});
test.afterAll(async () => {
  proxy.closeAllConnections();
  await new Promise((settle) => proxy.close(settle));
  // So many rows are in the way of whoever reads whole tables after this.
  await database.pool.query("delete from error_rows where channel_id = $1", [channelId]);
  await database.close();
});

test("a file that breaks off is not taken for a whole one: the page says how many rows came", async ({
  page,
}) => {
  const { db, pool } = database;
  const user = await createUser(db);
  const { id } = await createChannel(db, { name: "Long", errorStatisticsAggregation: true });
  channelId = id;
  await createMember(db, id, { userId: user.id });
  await pool.query(
    `insert into error_rows (channel_id, minute, reason, detail, status_code, first_at, last_at, error_count, first_attempt_count)
     select $1, minute, 'error_status_code', '503', 503, minute, minute, 1, 1
       from generate_series(1, $2::int) as n, lateral (select date_trunc('minute', now()) - n * interval '1 minute' as minute) as m`,
    [id, rowCount],
  );
  const sid = await openSession(db, user.id, { userAgent: "broken downloads" });
  const [name = "", value = ""] = (await sealSessionCookie("tocsin.session", sid)).split("=");
  await page.context().addCookies([{ name, value, url: origin }]);
  // Before the page is alive the browser itself takes the file, whose name alone says how many rows it has.
  const alive = page.waitForRequest(/\/statistics\/live\?/);
  await page.goto(`${origin}/console/channel/${id}/statistics/errors?range=90d`);
  await alive;
  await page.getByRole("link", { name: "Download as TSV" }).click();
  const told = page.getByRole("alert").filter({ hasText: "The download was interrupted." });
  await expect(told).toContainText(/\d,\d{3} of 60,000 rows/);
  await expectAccessible(page);

  isBreaking = false;
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download as TSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/-60000-rows\.tsv$/);
  await expect(page.getByText("Downloaded 60,000 rows.")).toBeVisible();
});
