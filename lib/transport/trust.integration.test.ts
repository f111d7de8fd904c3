import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createCertificates } from "#e2e/servers/certificates.ts";
import { programOf } from "#e2e/servers/programs.ts";
import { testRequest, testSender, verdictOf } from "#e2e/servers/sending.ts";
import { startTlsServer } from "#e2e/servers/tcp-server.ts";

const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
const start = (
  authority: ReturnType<typeof createCertificates>,
  names: string[],
  reused?: boolean[],
) =>
  startTlsServer(authority.issue({ names }), (socket) => {
    if ("isSessionReused" in socket && typeof socket.isSessionReused === "function") {
      reused?.push(socket.isSessionReused());
    }
    socket.once("data", () => socket.end(ok));
  });

test("certificates of TARGET_CA_FILE and of NODE_EXTRA_CA_CERTS are trusted together, others are not", async () => {
  const [given, extra, unknown] = [
    createCertificates("Given"),
    createCertificates("Extra"),
    createCertificates("Unknown"),
  ];
  const servers = await Promise.all([given, extra, unknown].map((ca) => start(ca, ["localhost"])));
  const folder = mkdtempSync(join(tmpdir(), "ca-"));
  writeFileSync(join(folder, "given.pem"), given.ca);
  writeFileSync(join(folder, "extra.pem"), extra.ca);
  const verdicts = async (files: Record<string, string>) => {
    const urls = servers.map(({ port }) => `https://localhost:${port}/`);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [await programOf('import "#e2e/servers/send-once.ts";'), ...urls],
      { env: { PATH: "/usr/bin:/bin", NODE_ENV: "test", ...files } },
    );
    return stdout.trim().split("\n");
  };
  const [givenFile, extraFile] = [join(folder, "given.pem"), join(folder, "extra.pem")];
  const [yes, no] = ["delivered / 200", "could_not_connect / TLS handshake failure"];
  expect(
    await Promise.all([
      verdicts({ TARGET_CA_FILE: givenFile, NODE_EXTRA_CA_CERTS: extraFile }),
      verdicts({ TARGET_CA_FILE: givenFile }),
      verdicts({ NODE_EXTRA_CA_CERTS: extraFile }),
    ]),
  ).toEqual([
    [yes, yes, no],
    [yes, no, no],
    [no, yes, no],
  ]);
  rmSync(folder, { recursive: true });
  await Promise.all(servers.map((server) => server.close()));
});

test("an address is checked against the certificate as a name is", async () => {
  const certificates = createCertificates();
  const sender = testSender({ ca: certificates.ca });
  const right = await start(certificates, ["127.0.0.1"]);
  const wrong = await start(certificates, ["127.0.0.2", "localhost"]);
  expect(verdictOf(await sender.send(testRequest(`https://127.0.0.1:${right.port}/`)))).toBe(
    "delivered / 200",
  );
  expect(verdictOf(await sender.send(testRequest(`https://127.0.0.1:${wrong.port}/`)))).toBe(
    "could_not_connect / TLS handshake failure",
  );
  await Promise.all([sender.close(), right.close(), wrong.close()]);
});

test("the second connection to a server resumes its TLS session", async () => {
  const certificates = createCertificates();
  const sender = testSender({ ca: certificates.ca });
  const reused: boolean[] = [];
  const server = await start(certificates, ["localhost"], reused);
  for (let sent = 0; sent < 3; sent++) {
    await sender.send(testRequest(`https://localhost:${server.port}/`));
  }
  expect(reused).toEqual([false, true, true]);
  await Promise.all([sender.close(), server.close()]);
});
