import { afterAll, beforeAll, expect, test } from "vitest";
import { testRequest, testSender, verdictOf } from "#e2e/servers/sending.ts";
import { startTcpServer } from "#e2e/servers/tcp-server.ts";
import type { Sender } from "./sender.ts";

// What a lenient reading must never cost: the answer to one webhook taken for that to another.

let sender: Sender;
beforeAll(() => {
  sender = testSender();
});
afterAll(() => sender.close());

const ok = "HTTP/1.1 200 OK\r\n";
/** What a stricter or laxer reader would take for the next answer. */
const smuggled = "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n";

/** Sends two webhooks to a server that answers the first with `first`; `late` comes behind it, before what is asked next. */
async function twice(first: string, late: string) {
  const answer = `${ok}content-length: 2\r\n\r\nok`;
  const server = await startTcpServer((socket, index) => {
    let answered = 0;
    socket.on("data", () => {
      if (index > 0) socket.write(answer);
      else socket.write(answered++ === 0 ? first : `${late}${answer}`, "latin1");
    });
  });
  try {
    const url = `http://localhost:${server.port}/`;
    const verdicts: string[] = [];
    for (let sent = 0; sent < 2; sent++) {
      verdicts.push(verdictOf(await sender.send(testRequest(url))));
    }
    return { verdicts, connections: server.accepted };
  } finally {
    await server.close();
  }
}

test.each(["x: a\n    b", "x : a", "x y: a", "hello", "x: a\0b", ": a"])(
  "a header that does not matter (%j) leaves the connection for the next webhook",
  async (line) => {
    const first = `${ok}content-length: 2\r\n${line}\r\n\r\nok`;
    expect(await twice(first, "")).toEqual({
      verdicts: ["delivered / 200", "delivered / 200"],
      connections: 1,
    });
  },
);

test.each([
  [`${ok}content-length: 0\r\ncontent-length : 0\r\n\r\n`],
  [`${ok}content-length: 0, 0\r\n\r\n`],
  [`${ok}content-length: 0\r\nx: a\r\n content-length: ${smuggled.length}\r\n\r\n`],
  [`${ok}content-length: 0\r\nx: a\rtransfer-encoding: chunked\r\n\r\n`],
  [`${ok}content-length: 0\r\ntransfer encoding: chunked\r\n\r\n`],
  [`${ok}content-length: 0\r\nx: a\n\ncontent-length: ${smuggled.length}\r\n\r\n`],
  [`${ok}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n`],
  ["HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
  [`HTTP/1.1 204 No Content\r\ncontent-length: ${smuggled.length}\r\n\r\n`],
  [`\r\n${ok}content-length: 0\r\n\r\n`],
  [
    `HTTP/1.1 103 Early\r\ncontent-length: ${smuggled.length}\r\n\r\n${ok}content-length: 0\r\n\r\n`,
  ],
])("an answer whose end is in doubt (%j) is the last of its connection", async (first) => {
  expect(await twice(first, smuggled)).toMatchObject({
    verdicts: [expect.stringMatching("^delivered / "), "delivered / 200"],
    connections: 2,
  });
});

test("what was odd is told beside the outcome", async () => {
  // As nginx 1.22 sends a header that was configured over several lines.
  const answer = `${ok}content-length: 0\r\nx-policy: a\n    b\r\n\r\n`;
  const server = await startTcpServer((socket) => socket.on("data", () => socket.write(answer)));
  const outcome = await sender.send(testRequest(`http://localhost:${server.port}/`));
  expect(verdictOf(outcome)).toBe("delivered / 200");
  expect(outcome.seen).toEqual({ phase: "answer", oddities: ["BARE_LF", "FOLDED_FIELD"] });
  expect(outcome.response?.headers.at(-1)?.[1]).toMatch(/^a +b$/);
  await server.close();
});
