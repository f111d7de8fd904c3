import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { eachOnce, type MailCatcher } from "#e2e/harness/mail-catcher.ts";

/** Failed attempts and stopped webhooks that were told, by channel. */
export type Told = { errors: Map<string, number>; stopped: Map<string, number> };

export type AlertCatcher = {
  url: string;
  bodies: Map<string, string>;
  /** How often each came. */
  copies: Map<string, number>;
  close: () => Promise<void>;
};

/** Keeps each alert once: a repeat has the same `webhook-id`. */
export async function startAlertCatcher(): Promise<AlertCatcher> {
  const bodies = new Map<string, string>();
  const copies = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const id = String(request.headers["webhook-id"]);
      bodies.set(id, Buffer.concat(chunks).toString());
      copies.set(id, (copies.get(id) ?? 0) + 1);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    bodies,
    copies,
    close: async () => {
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
    },
  };
}

export function readAlerts(catcher: AlertCatcher): Told {
  const told: Told = { errors: new Map(), stopped: new Map() };
  for (const body of catcher.bodies.values()) {
    const { type, data } = JSON.parse(body);
    if (type === "channel.error_detected") add(told.errors, data.channelId, sumOf(data));
    if (type === "channel.redelivery_stopped") add(told.stopped, data.channelId, sumOf(data));
  }
  return told;
}

const sumOf = (data: { errorCount: number; heldCount: number }): number =>
  data.errorCount + data.heldCount;

/** From the texts, as a person would add them up. */
export function readMails(catcher: MailCatcher): Told {
  const told: Told = { errors: new Map(), stopped: new Map() };
  for (const { subject = "", text = "" } of eachOnce(catcher.mails)) {
    const channelId = /^Channel ID: (\d+)$/m.exec(text)?.[1] ?? "";
    const held = /(\d+) more (?:errors? of this kind )?ha(?:s|ve) been counted/.exec(text)?.[1];
    const count = Number(/^Error count: (\d+)$/m.exec(text)?.[1]) + Number(held ?? 0);
    if (subject.includes("Webhook redelivery stopped")) add(told.stopped, channelId, count);
    if (subject.includes("no response or an error")) add(told.errors, channelId, count);
  }
  return told;
}

function add(sums: Map<string, number>, channelId: string, count: number): void {
  sums.set(channelId, (sums.get(channelId) ?? 0) + count);
}
