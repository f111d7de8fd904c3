import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";

/** One open page: its stream, and the newest number of errors that it has in hand. */
export type Viewer = { count: () => number; close: () => void };

export type ViewerOptions = {
  port: number;
  cookie: string;
  /** Of the stream. */
  path: string;
  /** What a page does that is only told of changes: it has itself rendered anew. Left out: figures are sent. */
  page?: string;
  /** Called with each number of errors as it comes. */
  onCount: (count: number) => void;
};

/** The number of errors in the figures, as a stream and as a rendered page carry it. */
const countIn = (text: string): number | undefined => {
  const found = /"summary":\{"errorCount":(\d+)/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};

/** After a refresh a page rests as long as that took, and at least so long (components/live/use-refresh.ts). */
const restMinMs = 250;

/** Opens the stream as the page's script does, and resolves once it has its first figures, or is told of changes. */
export function openViewer(options: ViewerOptions): Promise<Viewer> {
  const { port, cookie, path, page, onCount } = options;
  const headers = { cookie, host: `localhost:${port}`, accept: "text/event-stream" };
  let count = 0;
  const have = (text: string): boolean => {
    const found = countIn(text);
    if (found === undefined) return false;
    count = found;
    onCount(found);
    return true;
  };
  const refresh = page === undefined ? undefined : createRefresh(options, page, have);
  return new Promise((resolve, reject) => {
    const stream: ClientRequest = request({ port, host: "127.0.0.1", path, headers, agent: false });
    const viewer = { count: () => count, close: () => void stream.destroy() };
    stream.once("error", reject);
    stream.once("response", (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`the stream answered ${response.statusCode}`));
        return;
      }
      readEvents(response, (event) => {
        const isChange = refresh !== undefined && /^event: (ready|change)\n/.test(event);
        if (isChange) refresh();
        else have(event);
        if (isChange || count > 0) resolve(viewer);
      });
    });
    stream.end();
  });
}

/** Hands on each event of a stream, whole. */
function readEvents(response: IncomingMessage, onEvent: (event: string) => void): void {
  let rest = "";
  response.setEncoding("utf8");
  // A viewer that leaves breaks its stream off.
  response.on("error", () => undefined);
  response.on("data", (chunk: string) => {
    const events = (rest + chunk).split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) onEvent(event);
  });
}

const agent = new Agent({ keepAlive: true });

/** Asks for the page as Next's router.refresh does, one round at a time. `_rsc` keeps caches from giving it to a browser as a page. */
function createRefresh(
  { port, cookie }: ViewerOptions,
  page: string,
  have: (text: string) => boolean,
): () => void {
  const round = { isBusy: false, isWanted: false };
  const refresh = async (): Promise<void> => {
    if (round.isBusy) {
      round.isWanted = true;
      return;
    }
    round.isBusy = true;
    const begunMs = performance.now();
    // Where too much is being read the page says so instead, and its reader has to come again.
    if (!have(await render(port, cookie, `${page}&_rsc`))) round.isWanted = true;
    const restMs = Math.max(restMinMs, performance.now() - begunMs);
    setTimeout(() => {
      round.isBusy = false;
      const { isWanted } = round;
      round.isWanted = false;
      if (isWanted) void refresh();
    }, restMs);
  };
  return () => void refresh();
}

function render(port: number, cookie: string, path: string): Promise<string> {
  const headers = { cookie, host: `localhost:${port}`, rsc: "1", "accept-encoding": "identity" };
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: "127.0.0.1", path, headers, agent });
    asked.once("error", reject);
    asked.once("response", (response) => {
      // A page that is led elsewhere would never have figures.
      if ((response.statusCode ?? 0) < 400 && response.statusCode !== 200) {
        reject(new Error(`the page answered ${response.statusCode}`));
      }
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("end", () => resolve(text));
      response.once("error", reject);
    });
    asked.end();
  });
}
