import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as the bot server saw it. */
export type Arrival = {
  /** Of the URL it came to. */
  path: string;
  webhookId: string;
  eventIds: string[];
  /** The bytes that came, and what they were signed with. */
  body: string;
  signature: string;
  isRedelivery: boolean;
  /** Milliseconds of the monotonic clock. */
  at: number;
  /** What it was answered with; null while it is held. */
  statusCode: number | null;
  /** Answers a held request. */
  answer: (statusCode: number) => void;
};

export type TruthBotServer = {
  url: string;
  /** Every request in the order of arrival: what deliveries are checked against. */
  arrivals: Arrival[];
  /** What a request is answered with; null holds it. Replace it at any time. */
  decide: (arrival: Arrival) => number | null;
  close: () => Promise<void>;
};

/** A bot server that remembers everything that reached it. */
export async function startTruthBotServer(): Promise<TruthBotServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const { events } = JSON.parse(body);
      const arrival: Arrival = {
        path: request.url ?? "",
        webhookId: String(request.headers["webhook-id"]),
        eventIds: events.map((event: { webhookEventId: string }) => event.webhookEventId),
        body,
        signature: String(request.headers["x-line-signature"]),
        isRedelivery: events[0].deliveryContext.isRedelivery,
        at: performance.now(),
        statusCode: null,
        answer: (statusCode) => reply(response, arrival, statusCode),
      };
      bot.arrivals.push(arrival);
      const statusCode = bot.decide(arrival);
      if (statusCode !== null) arrival.answer(statusCode);
    });
  });
  // Node closes a connection that was idle for 5 s, also when it stood still itself and a request lies in the kernel unread: to
  // the product that is a close without an answer, of a request that is seen nowhere.
  server.keepAliveTimeout = 0;
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const bot: TruthBotServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`,
    arrivals: [],
    decide: () => 200,
    close: async () => {
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
    },
  };
  return bot;
}

function reply(response: ServerResponse, arrival: Arrival, statusCode: number): void {
  if (arrival.statusCode !== null) return;
  arrival.statusCode = statusCode;
  response.writeHead(statusCode).end();
}
