import { rowCountHeader } from "#lib/exports/row-count-header.ts";

/** `total`: how many rows the file has, as the server says; null when it does not. */
export type FileProgress = { rows: number; total: number | null };

/** Some of the file came, and then no more, whether or not the line said so. */
export class BrokenOffError extends Error {
  readonly progress: FileProgress;
  constructor(progress: FileProgress, options?: ErrorOptions) {
    super("the file broke off", options);
    this.progress = progress;
  }
}

/** Chunks are handed to the browser's own store of blobs from this size on, so that the page stays small. */
const blobBytes = 8 * 2 ** 20;
const lineFeed = 10;

/**
 * Fetches a file of lines and saves it under the name that the server gives it; `onProgress` is told how far it is.
 * Resolves with the rows in it. @throws Error with the server's sentence when it refuses; TypeError when the server is not reached;
 * BrokenOffError when the file has fewer rows than it should: behind many proxies one that breaks off ends like a whole one.
 */
export async function saveFile(
  href: string,
  options: { headLines: number; signal: AbortSignal; onProgress: (now: FileProgress) => void },
): Promise<number> {
  const response = await fetch(href, { signal: options.signal });
  if (!response.ok || response.body === null) throw new Error(await refusalOf(response));
  const blobs: Blob[] = [];
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  const total = totalOf(response);
  let lines = -options.headLines;
  const now = (): FileProgress => ({ rows: Math.max(0, lines), total });
  let held = 0;
  const flush = () => {
    blobs.push(new Blob(chunks));
    chunks = [];
    held = 0;
  };
  const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw options.signal.aborted ? error : new BrokenOffError(now(), { cause: error });
    });
    if (done) break;
    chunks.push(value);
    held += value.length;
    lines += countLines(value);
    if (held >= blobBytes) flush();
    options.onProgress(now());
  }
  const { rows } = now();
  if (total !== null && rows < total) throw new BrokenOffError(now());
  flush();
  offer(new Blob(blobs, { type: response.headers.get("content-type") ?? "" }), nameOf(response));
  return rows;
}

function totalOf(response: Response): number | null {
  const said = response.headers.get(rowCountHeader);
  return said !== null && /^\d+$/.test(said) ? Number(said) : null;
}

function countLines(chunk: Uint8Array): number {
  let lines = 0;
  for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1))
    lines += 1;
  return lines;
}

async function refusalOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  const message = typeof body === "object" && body !== null && "message" in body && body.message;
  return typeof message === "string" ? message : `${response.status} ${response.statusText}`;
}

const nameOf = (response: Response): string =>
  /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "errors";

function offer(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the file over by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
