import { type CertificateSight, keptPerChannel } from "#lib/endpoint-health/keep-certificates.ts";

export type CertificateSights = {
  /** What an attempt saw; written down later, if it is news. */
  note: (sight: CertificateSight) => void;
  /** Writes down what was noted. Never rejects. */
  flush: () => Promise<void>;
};

const flushEveryMs = 5_000;
/** A certificate that is still seen is written down again after this. */
const againMs = 3_600_000;
/** Channels remembered; beyond them all are forgotten, and written down once more. */
const channelsMax = 20_000;

/**
 * Gathers the certificates that deliveries see, so that one costs no write per delivery: each is written down at its first
 * sight and then once an hour. What is lost in a crash is seen again with the next delivery.
 */
export function createCertificateSights(options: {
  keep: (sights: readonly CertificateSight[]) => Promise<void>;
  onFailure: (error: unknown) => void;
  /** Milliseconds of a clock that only goes forward. */
  elapsed?: () => number;
}): CertificateSights {
  const elapsed = options.elapsed ?? (() => performance.now());
  const channels = new Map<string, Map<string, number>>();
  const waiting = new Map<string, Map<string, CertificateSight>>();
  let timer: NodeJS.Timeout | null = null;
  let under = Promise.resolve();

  const write = async (): Promise<void> => {
    const sights = [...waiting.values()].flatMap((some) => [...some.values()]);
    waiting.clear();
    if (sights.length === 0) return;
    try {
      await options.keep(sights);
    } catch (error) {
      for (const { channelId } of sights) channels.delete(channelId);
      options.onFailure(error);
    }
  };
  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    under = under.then(write);
    return under;
  };

  /** Whether it is to be written down; if so, it counts as written. */
  const isNews = ({ channelId, fingerprint, url }: CertificateSight): boolean => {
    const known = channels.get(channelId) ?? new Map<string, number>();
    const key = `${fingerprint} ${url}`;
    const dueAt = known.get(key);
    if (dueAt !== undefined && elapsed() < dueAt) return false;
    // Whether the others are still in use shows at their next sight, if there is one.
    if (dueAt === undefined) for (const other of known.keys()) known.set(other, 0);
    if (known.size >= keptPerChannel) known.clear();
    known.set(key, elapsed() + againMs);
    if (channels.size >= channelsMax) channels.clear();
    channels.set(channelId, known);
    return true;
  };

  return {
    note: (sight) => {
      if (!isNews(sight)) return;
      const some = waiting.get(sight.channelId) ?? new Map<string, CertificateSight>();
      if (some.size < keptPerChannel) some.set(sight.fingerprint, sight);
      waiting.set(sight.channelId, some);
      timer ??= setTimeout(() => void flush(), flushEveryMs).unref();
    },
    flush,
  };
}
