import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DnsServer, startDnsServer } from "#e2e/servers/dns-server.ts";
import { testRequest, testSender, verdictOf } from "#e2e/servers/sending.ts";
import { parseHosts } from "./hosts-file.ts";
import { createResolver, type Resolve } from "./resolve.ts";

let dns: DnsServer;
let resolve: Resolve;
beforeAll(async () => {
  dns = await startDnsServer();
  resolve = createResolver({ servers: [dns.address], hostsFile: null });
});
afterAll(() => dns.close());

test("both families are asked, IPv4 comes first", async () => {
  dns.set("both.test", ["2001:db8::1", "192.0.2.1", "192.0.2.2"]);
  expect(await resolve("both.test")).toEqual({
    ok: true,
    addresses: ["192.0.2.1", "192.0.2.2", "2001:db8::1"],
  });
});

test("one family is enough", async () => {
  dns.set("four.test", ["192.0.2.1"]);
  dns.set("six.test", ["2001:db8::1"]);
  expect(await resolve("four.test")).toMatchObject({ addresses: ["192.0.2.1"] });
  expect(await resolve("six.test")).toMatchObject({ addresses: ["2001:db8::1"] });
});

test("a name without addresses, an unknown one and a failing server are told apart", async () => {
  dns.set("empty.test", []);
  dns.set("broken.test", "SERVFAIL");
  dns.set("refused.test", "REFUSED");
  expect(await resolve("empty.test")).toEqual({ ok: false, code: "ENODATA" });
  expect(await resolve("nowhere.test")).toEqual({ ok: false, code: "ENOTFOUND" });
  expect(await resolve("broken.test")).toEqual({ ok: false, code: "ESERVFAIL" });
  expect(await resolve("refused.test")).toEqual({ ok: false, code: "EREFUSED" });
});

test("case and a final dot make no difference", async () => {
  dns.set("dot.test", ["192.0.2.1"]);
  expect(await resolve("DOT.test.")).toMatchObject({ addresses: ["192.0.2.1"] });
});

test("questions asked at the same time share one look-up, later ones do not", async () => {
  dns.set("shared.test", ["192.0.2.1"], ["192.0.2.2"]);
  const answers = await Promise.all([resolve("shared.test"), resolve("shared.test")]);
  expect(answers[0]).toEqual(answers[1]);
  expect(await resolve("shared.test")).toMatchObject({ addresses: ["192.0.2.2"] });
});

test("localhost is never asked for", async () => {
  const before = dns.questions.length;
  expect(await resolve("localhost")).toEqual({ ok: true, addresses: ["127.0.0.1", "::1"] });
  expect(await resolve("a.localhost.")).toMatchObject({ ok: true });
  expect(dns.questions.length).toBe(before);
});

test("the hosts file is consulted first", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hosts-"));
  const hostsFile = join(folder, "hosts");
  writeFileSync(hostsFile, "# none\n127.0.0.1 bot Bot.test # mine\n::1 bot\nnonsense bot\n");
  const withFile = createResolver({ servers: [dns.address], hostsFile });
  expect(await withFile("bot")).toEqual({ ok: true, addresses: ["127.0.0.1", "::1"] });
  expect(await withFile("bot.TEST")).toEqual({ ok: true, addresses: ["127.0.0.1"] });
  const without = createResolver({ servers: [dns.address], hostsFile: join(folder, "absent") });
  expect(await without("bot")).toMatchObject({ ok: false });
  rmSync(folder, { recursive: true });
});

test("an address listed twice for a name counts once", () => {
  expect(parseHosts("127.0.0.1 a\n127.0.0.1 a b\n").get("a")).toEqual(["127.0.0.1"]);
});

test("a hundred names that never resolve do not hold up one that does", async () => {
  dns.set("good.test", ["127.0.0.1"]);
  const sender = testSender({ dns: dns.address });
  const silent = Array.from({ length: 100 }, (_, index) => `silent-${index}.test`);
  for (const name of silent) dns.set(name, "silence");
  const stuck = silent.map((name) => sender.send(testRequest(`https://${name}/`)));
  const outcome = await sender.send(testRequest("https://good.test:1/"));
  expect(verdictOf(outcome)).toBe("could_not_connect / Connection failed");
  for (const slow of await Promise.all(stuck)) {
    expect(verdictOf(slow)).toBe("could_not_connect / DNS Query timeout");
    expect(slow.times.dns).toBeGreaterThan(1_990);
  }
  await sender.close();
});
