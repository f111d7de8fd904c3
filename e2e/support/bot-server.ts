import { createServer, type Server } from "node:http";
import { validateSignature } from "@line/bot-sdk";

export type ReceivedWebhook = { body: string; isSigned: boolean; answeredWith: number; at: Date };

/** A bot server whose answer a test changes while it runs. */
export type TestBotServer = {
  received: ReceivedWebhook[];
  /** The status that it answers with from now on, and the body. */
  answerWith: (statusCode: number, body?: string | Buffer) => void;
  /** The secret that the official SDK checks signatures with. */
  expectSecret: (channelSecret: string) => void;
  stop: () => Promise<void>;
};

const usualAnswer = "the orders table is locked";

export async function startTestBotServer(port: number): Promise<TestBotServer> {
  const received: ReceivedWebhook[] = [];
  let statusCode = 200;
  let answer: string | Buffer = usualAnswer;
  let secret = "";
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const signature = String(request.headers["x-line-signature"]);
      const isSigned = secret !== "" && validateSignature(body, secret, signature);
      received.push({ body, isSigned, answeredWith: statusCode, at: new Date() });
      response.writeHead(statusCode, { "content-type": "text/plain" }).end(answer);
    });
  });
  await new Promise<void>((settle) => server.listen(port, "127.0.0.1", settle));
  return {
    received,
    answerWith: (next, body = usualAnswer) => {
      statusCode = next;
      answer = body;
    },
    expectSecret: (next) => {
      secret = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
    },
  };
}
