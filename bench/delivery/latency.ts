import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { BotServer } from "#bench/support/bot-server.ts";
import { quantile } from "#bench/support/figures.ts";
import { type BenchChannel, sampleEvents } from "#bench/support/world.ts";

export type Latency = {
  intakeP95Ms: number;
  firstAttemptP95Ms: number;
  sent: number;
  arrived: number;
};

/**
 * Posts events at a steady rate to an engine that runs in processes of its own. Intake is the time to the 202; first
 * attempt is from sending the event to its webhook's arrival at the bot server, by the clock of this machine.
 */
export async function measureLatency(options: {
  apiUrl: string;
  platformKey: string;
  channels: readonly BenchChannel[];
  bot: BotServer;
  perSecond: number;
  seconds: number;
  /** Which channels, by index, are looked at; all unless told. */
  isMeasured?: (channelIndex: number) => boolean;
}): Promise<Latency> {
  const { apiUrl, platformKey, channels, bot, perSecond, isMeasured = () => true } = options;
  const total = perSecond * options.seconds;
  const sentAt = new Map<string, number>();
  const intake: number[] = [];
  bot.record();
  const start = performance.now();
  const posts: Promise<void>[] = [];
  for (let index = 0; index < total; index += 1) {
    const wait = start + (index * 1_000) / perSecond - performance.now();
    if (wait > 1) await pause(wait);
    posts.push(postOne(index));
  }
  await Promise.all(posts);
  await pause(3_000);
  const arrivals = await bot.arrivals();
  const first = arrivals.flatMap(([body, at]) => {
    const [event] = JSON.parse(body).events;
    const sent = sentAt.get(event.benchId);
    return sent === undefined || event.deliveryContext.isRedelivery ? [] : [at - sent];
  });
  return {
    intakeP95Ms: quantile(intake, 0.95),
    firstAttemptP95Ms: quantile(first, 0.95),
    sent: sentAt.size,
    arrived: first.length,
  };

  async function postOne(index: number): Promise<void> {
    const channel = channels[index % channels.length];
    const benchId = randomBytes(8).toString("hex");
    const [event] = sampleEvents(index);
    const before = performance.now();
    if (isMeasured(index % channels.length)) sentAt.set(benchId, performance.timeOrigin + before);
    const response = await fetch(`${apiUrl}/v1/channels/${channel?.id}/webhooks`, {
      method: "POST",
      headers: { authorization: `Bearer ${platformKey}`, "content-type": "application/json" },
      body: JSON.stringify({ events: [{ ...event, benchId }] }),
    });
    await response.arrayBuffer();
    if (response.status !== 202) throw new Error(`intake answered ${response.status}`);
    intake.push(performance.now() - before);
  }
}
