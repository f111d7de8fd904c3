import { sightsAgainMs } from "#lib/endpoint-health/find-certificate.ts";
import {
  type CertificateSight,
  keptPerChannel,
  type SeenCertificate,
} from "#lib/endpoint-health/keep-certificates.ts";

export type CertificateSights = {
  /** What an attempt saw; written down later, if it is news. */
  note: (sight: CertificateSight) => void;
  /** Writes down what was noted. Never rejects. */
  flush: () => Promise<void>;
};

const flushEveryMs = 5_000;
/** Channels remembered; beyond them all are forgotten, and written down once more. */
const channelsMax = 20_000;

/** Waits to be written down. `elapsed` of its first and its last sight. */
type Gathered = { sight: CertificateSight; firstAt: number; lastAt: number };

/**
 * Gathers the certificates that deliveries see, so that one costs no write per delivery: each is written down at its first
 * sight and then once an hour, with when that was: of two that come together, the one that took the other's place came later. What is
 * lost in a crash is seen again with the next delivery.
 */
export function createCertificateSights(options: {
  keep: (sights: readonly SeenCertificate[]) => Promise<void>;
  onFailure: (error: unknown) => void;
  /** Milliseconds of a clock that only goes forward. */
  elapsed?: () => number;
}): CertificateSights {
  const elapsed = options.elapsed ?? (() => performance.now());
  const channels = new Map<string, Map<string, number>>();
  const waiting = new Map<string, Map<string, Gathered>>();
  let timer: NodeJS.Timeout | null = null;
  let under = Promise.resolve();

  const write = async (): Promise<void> => {
    const now = elapsed();
    const sights = [...waiting.values()].flatMap((some) =>
      [...some.values()].map(({ sight, firstAt, lastAt }) => ({
        ...sight,
        ...{ firstAgoMs: now - firstAt, agoMs: now - lastAt },
      })),
    );
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
    known.set(key, elapsed() + sightsAgainMs);
    if (channels.size >= channelsMax) channels.clear();
    channels.set(channelId, known);
    return true;
  };

  return {
    note: (sight) => {
      if (!isNews(sight)) return;
      const some = waiting.get(sight.channelId) ?? new Map<string, Gathered>();
      gather(some, sight, elapsed());
      waiting.set(sight.channelId, some);
      timer ??= setTimeout(() => void flush(), flushEveryMs).unref();
    },
    flush,
  };
}

/** The newest stay: what is seen now is more likely to be in use than what was seen before. */
function gather(some: Map<string, Gathered>, sight: CertificateSight, at: number): void {
  const before = some.get(sight.fingerprint);
  const firstAt = before?.sight.url === sight.url ? before.firstAt : at;
  some.delete(sight.fingerprint);
  const [oldest] = some.keys();
  if (some.size >= keptPerChannel && oldest !== undefined) some.delete(oldest);
  some.set(sight.fingerprint, { sight, firstAt, lastAt: at });
}
