import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { testSender } from "#e2e/servers/sending.ts";
import { startTcpServer, type TestServer } from "#e2e/servers/tcp-server.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { curlCommand, rebuildRequest } from "./sent-request.ts";

// The real curl and the sender, asked to send the same, are heard by the same server.

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

type Heard = { line: string; headers: [string, string][]; body: string };

const home = mkdtempSync(join(tmpdir(), "curl-home-"));
let server: TestServer;
let sender: Sender;
let heard: Heard[] = [];

beforeAll(async () => {
  // What people keep there must not change what is sent.
  writeFileSync(join(home, ".curlrc"), 'header "x-mine: 1"\ncompressed\nrequest PUT\n');
  sender = testSender();
  server = await startTcpServer(listen);
});
afterAll(async () => {
  await sender.close();
  await server.close();
  rmSync(home, { recursive: true });
});
beforeEach(() => {
  heard = [];
});

function listen(socket: Socket): void {
  let received = "";
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    const end = received.indexOf("\r\n\r\n");
    if (end === -1) return;
    const [line = "", ...fields] = received.slice(0, end).split("\r\n");
    const headers = fields.map((field): [string, string] => {
      const colon = field.indexOf(": ");
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 2)];
    });
    const body = Buffer.from(received.slice(end + 4), "latin1").toString();
    const length = Number(new Map(headers).get("content-length"));
    if (received.length - end - 4 < length) return;
    heard.push({ line, headers: headers.sort(), body });
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  });
}

const secrets = { current: "secret", next: "another" };
const id = "019b0000-0000-7000-8000-000000000001";
const small = `{"destination":"U","events":[{"text":"it's $HOME \`id\` \\"🤨\\" \\\\ @file"}]}`;

/** What the server hears of the command and of the sender, in this order. */
async function both(path: string, body: string): Promise<Heard[]> {
  const url = `http://localhost:${server.port}${path}`;
  const attempt = { attempt: 1, startedAt: new Date(1_800_000_000_500), url };
  const command = curlCommand(rebuildRequest({ id, body }, attempt, secrets));
  expect(await shell(`export CURL_HOME=${home}; ${command}`)).toMatch(/HTTP\/1.1 200 OK\r\n/);
  await sender.send({
    url,
    body: Buffer.from(body),
    channelSecret: secrets.current,
    nextChannelSecret: secrets.next,
    webhookId: id,
  });
  return heard;
}

/** What a shell that reads `script` prints. */
async function shell(script: string): Promise<string> {
  const child = spawn("sh", { stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.end(script);
  let printed = "";
  for await (const piece of child.stdout.setEncoding("utf8")) printed += piece;
  return printed;
}

/** The signatures with a time in them were made at different times. */
const timeless = ({ headers, ...rest }: Heard) => ({
  ...rest,
  headers: headers.map(([name, value]) =>
    name === "webhook-timestamp" || name === "webhook-signature" ? [name, ""] : [name, value],
  ),
});

const suite = hasCurl ? describe : describe.skip;
suite(`curl ${hasCurl ? "" : "(not installed, not tested) "}sends one request, as the sender does`, () => {
  test.each([
    "/webhook",
    "",
    "/?",
    "/a?x=[0]",
    "/a[1-3]",
    "/{a,b}",
    "/a/../b/./c",
    "/a/%2e%2e/b",
    "/a/..;/b?c=/../d",
    "//a//b",
    "/日本語?q=é",
    "/it's/\"<>^`|$HOME$(id)!",
    "/a?b?c&d=e'f",
    "/%41%zz",
    "/a:b@c;d,e~f*(g)",
    "/@/-d/--next",
  ])("to %j", async (path) => {
    const [command, sent, ...more] = (await both(path, small)).map(timeless);
    expect(command).toEqual(sent);
    expect(sent).toBeDefined();
    expect(more).toEqual([]);
  });

  test.each([
    ["a body that the command line does not take", "'é".repeat(60_000)],
    // curl asks first (Expect: 100-continue) before such a body.
    ["a body of more than 1 MiB", "a".repeat(1_200_000)],
  ])("with %s", async (_name, text) => {
    const [command, sent, ...more] = await both("/x", JSON.stringify({ text }));
    expect(command && timeless(command)).toEqual(sent && timeless(sent));
    expect(more).toEqual([]);
  });
});
