export type FileProgress = { rows: number; bytes: number };

/** Chunks are handed to the browser's own store of blobs from this size on, so that the page stays small. */
const blobBytes = 8 * 2 ** 20;
const lineFeed = 10;

/**
 * Fetches a file of lines and saves it under the name that the server gives it; `onProgress` is told how far it is.
 * Resolves with the rows in it. @throws Error with the server's sentence when it refuses, or when the line breaks.
 */
export async function saveFile(
  href: string,
  options: { headLines: number; signal: AbortSignal; onProgress: (now: FileProgress) => void },
): Promise<number> {
  const response = await fetch(href, { signal: options.signal });
  if (!response.ok || response.body === null) throw new Error(await refusalOf(response));
  const blobs: Blob[] = [];
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  const now: FileProgress = { rows: -options.headLines, bytes: 0 };
  let held = 0;
  const flush = () => {
    blobs.push(new Blob(chunks));
    chunks = [];
    held = 0;
  };
  const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    held += value.length;
    now.bytes += value.length;
    now.rows += countLines(value);
    if (held >= blobBytes) flush();
    options.onProgress({ ...now, rows: Math.max(0, now.rows) });
  }
  flush();
  offer(new Blob(blobs, { type: response.headers.get("content-type") ?? "" }), nameOf(response));
  return Math.max(0, now.rows);
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
