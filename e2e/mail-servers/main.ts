import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SMTPServer } from "smtp-server";
import { createReport } from "#e2e/harness/report.ts";
import { startDnsServer } from "#e2e/servers/dns-server.ts";
import { freePort } from "#e2e/servers/free-port.ts";
import { startDovecot } from "./dovecot.ts";
import { exim } from "./exim.ts";
import { opensmtpd } from "./opensmtpd.ts";
import { postfix } from "./postfix.ts";
import { type Product, startProduct } from "./product.ts";
import { createRootFolder, nameServer, type RootFolder, serversDir } from "./root-folder.ts";
import { type MailServerKind, people } from "./server.ts";
import { type Place, situations } from "./situations.ts";

// npm run test:mail-servers: Tocsin's own emails against the mail servers that people use. Each server runs in a root
// folder of its own under the temp folder, on loopback only, with names that only our name server knows.
//   --only TEXT    only lines that contain the text

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
const isWanted = (line: string) => line.toLowerCase().includes(values.only.toLowerCase());
const report = createReport();
const closers: (() => Promise<unknown>)[] = [];

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void close().then(() => process.kill(process.pid, signal)));
}

try {
  const product = await startProduct();
  closers.push(() => product.stop());
  await startNames();
  const remotePort = await startRemote();
  for (const kind of [postfix, exim, opensmtpd]) {
    if (isHere(kind)) await testServer(kind, product, remotePort);
  }
} catch (error) {
  report.failed("set-up", [textOf(error)]);
} finally {
  await close();
}
process.exitCode = report.end();

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Where changes are judged, nothing may be left out in silence. */
function isHere({ name, program }: MailServerKind): boolean {
  if (process.getuid?.() === 0 && existsSync(join(serversDir, program))) return true;
  const why =
    process.getuid?.() === 0
      ? `is not in ${serversDir}: run e2e/mail-servers/install.sh`
      : "needs root, for a root folder of its own";
  if (process.env.CI === undefined) report.skipped(`${name} ${why}`);
  else report.failed(`${name} ${why}`, []);
  return false;
}

async function testServer(
  kind: MailServerKind,
  product: Product,
  remotePort: number,
): Promise<void> {
  const root = await createRootFolder();
  closers.push(root.remove);
  const identity = await root.makeCertificate();
  const [port, imapPort] = [await freePort(), await freePort()];
  const place: Place = {
    ...{ product, root, server: kind.name, certificate: identity.cert },
    url: `smtp://127.0.0.1:${port}`,
    mailboxUrl: `imap://tocsin:secret@127.0.0.1:${imapPort}`,
  };
  try {
    await kind.start({ root, port, identity, remotePort });
    await startDovecot(root, imapPort);
  } catch (error) {
    report.failed(`${kind.name} starts`, [textOf(error)]);
    return;
  }
  for (const { name, servers, run } of situations) {
    const line = `${kind.name}: ${name}`;
    if ((servers !== undefined && !servers.includes(kind.name)) || !isWanted(line)) continue;
    await product.reset();
    await emptyMailboxes(root);
    try {
      await run(place);
      report.passed(line);
    } catch (error) {
      report.failed(line, [textOf(error)]);
      console.log({ errors: await product.lastErrors(), log: await kind.log(root) });
    }
  }
  await root.remove();
}

/** A server may just be putting a mail of the situation before into the folder: then it is tried again. */
async function emptyMailboxes(root: RootFolder): Promise<void> {
  for (const name of people) {
    const path = join(root.path, "var/mail", name);
    await rm(path, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** mail.example exists, as does this machine's name; nowhere.example does not. */
async function startNames(): Promise<void> {
  const names = await startDnsServer({ host: nameServer, port: 53 });
  closers.push(names.close);
  for (const name of ["mail.example", "example.com", "console.example.com", "mx.example.com"]) {
    names.set(name, ["127.0.0.1"]);
  }
}

/** The mail server of remote.example: it has nobody called gone, and a policy. */
async function startRemote(): Promise<number> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    disableReverseLookup: true,
    logger: false,
    onRcptTo: ({ address }, _session, done) => {
      const refusal = /^gone/.test(address)
        ? "5.1.1 No such user here"
        : /^policy/.test(address)
          ? "5.7.1 Not wanted here"
          : null;
      done(refusal === null ? null : Object.assign(new Error(refusal), { responseCode: 550 }));
    },
    onData: (stream, _session, done) => {
      stream.resume();
      stream.on("end", () => done());
    },
  });
  const port = await freePort();
  await new Promise<void>((settle) => server.listen(port, "127.0.0.1", () => settle()));
  closers.push(() => new Promise<void>((settle) => server.close(() => settle())));
  return port;
}

async function close(): Promise<void> {
  for (const one of closers.splice(0).reverse()) await one();
}
