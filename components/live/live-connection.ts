import { beatEveryMs, figuresEvent } from "#lib/live/schema.ts";

export type LineState = "connecting" | "live" | "reconnecting";

type Handlers = {
  onState: (state: LineState) => void;
  /** Something changed, or may have while the line was down. */
  onChange: () => void;
  /** What the page shows is sent from now on; or, false, only that it changed. */
  onFollowing: (isFollowing: boolean) => void;
  /** What the page shows, as it was sent. */
  onFigures: (told: string) => void;
};

const pauseMinMs = 1_000;
const pauseMaxMs = 30_000;
/** A line without a beat for two of them and a bit is dead, whatever the browser thinks. */
const silenceMaxMs = 2.5 * beatEveryMs;

/**
 * Follows a stream of server-sent events until the returned function is called. Makes the line anew by itself: the
 * browser's own way of it neither notices a dead line nor waits longer each time, and gives up after a refusal.
 */
export function followLive(
  href: string,
  { onState, onChange, onFollowing, onFigures }: Handlers,
): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const stop = (): void => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const retry = (): void => {
    stop();
    onState("reconnecting");
    const pauseMs = Math.min(pauseMaxMs, pauseMinMs * 2 ** failures);
    failures += 1;
    timer = setTimeout(open, pauseMs * (0.75 + Math.random() / 2));
  };
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(retry, silenceMaxMs);
  };
  const live = (): void => {
    failures = 0;
    heard();
    onState("live");
  };
  const open = (): void => {
    const fresh = new EventSource(href);
    source = fresh;
    heard();
    fresh.addEventListener("ready", () => {
      live();
      onFollowing(false);
      onChange();
    });
    fresh.addEventListener("following", () => {
      live();
      onFollowing(true);
    });
    fresh.addEventListener(figuresEvent, ({ data }: MessageEvent<string>) => {
      live();
      onFigures(data);
    });
    fresh.addEventListener("change", () => {
      heard();
      onChange();
    });
    fresh.addEventListener("beat", heard);
    fresh.addEventListener("waiting", () => {
      heard();
      onState("reconnecting");
    });
    fresh.addEventListener("end", () => {
      stop();
      onState("reconnecting");
      // Looking again leads to sign-in, or to "not found".
      onChange();
    });
    fresh.addEventListener("error", () => {
      // A refusal: signed out, no role any more, or too many pages. Looking again tells which.
      if (fresh.readyState === EventSource.CLOSED) onChange();
      retry();
    });
  };

  open();
  return stop;
}
