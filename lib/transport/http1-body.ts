import type { Framing } from "./http1-framing.ts";

/** How far the body's framing has been read. `broken`: it cannot be told where the body ends. */
type State = "open" | "complete" | "broken";

const lineBytesMax = 1_024;
const trailerBytesMax = 8_192;
const lineFeed = 0x0a;

/** Follows an HTTP/1.x body to its end, whatever the chunks it arrives in. */
export class BodyReader {
  state: State = "open";
  /** Bytes after the end: whatever they are, this connection is not to be used again. */
  hasExtra = false;
  readonly #framing: Framing;
  #left = 0;
  #part: "size" | "data" | "data_end" | "trailer" = "size";
  #line = "";
  #trailerBytes = 0;

  constructor(framing: Framing) {
    this.#framing = framing;
    if (framing.kind === "length") this.#left = framing.bytes;
    if (framing.kind === "none" || (framing.kind === "length" && framing.bytes === 0)) {
      this.state = "complete";
    }
  }

  /** Takes in what arrived and hands the content's bytes, without chunk framing, to `content`. */
  push(bytes: Buffer, content: (piece: Buffer) => void): void {
    let at = 0;
    while (at < bytes.length && this.state === "open") {
      at =
        this.#framing.kind === "chunked"
          ? this.#pushChunked(bytes, at, content)
          : this.#pushPlain(bytes, at, content);
    }
    if (at < bytes.length && this.state === "complete") this.hasExtra = true;
  }

  /** The connection ended: for a body without a length that is its regular end. */
  end(): void {
    if (this.state === "open") {
      this.state = this.#framing.kind === "until_close" ? "complete" : "broken";
    }
  }

  #pushPlain(bytes: Buffer, at: number, content: (piece: Buffer) => void): number {
    if (this.#framing.kind === "until_close") {
      content(at === 0 ? bytes : bytes.subarray(at));
      return bytes.length;
    }
    const end = this.#take(bytes, at, content);
    if (this.#left === 0) this.state = "complete";
    return end;
  }

  #take(bytes: Buffer, at: number, content: (piece: Buffer) => void): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    content(bytes.subarray(at, end));
    return end;
  }

  #pushChunked(bytes: Buffer, at: number, content: (piece: Buffer) => void): number {
    if (this.#part === "data") {
      const end = this.#take(bytes, at, content);
      if (this.#left === 0) this.#part = "data_end";
      return end;
    }
    const feed = bytes.indexOf(lineFeed, at);
    const end = feed === -1 ? bytes.length : feed;
    if (this.#line.length + (end - at) > lineBytesMax) {
      this.state = "broken";
      return bytes.length;
    }
    this.#line += bytes.toString("latin1", at, end);
    if (feed === -1) return bytes.length;
    const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
    this.#line = "";
    this.#endOfLine(line);
    return feed + 1;
  }

  #endOfLine(line: string): void {
    if (this.#part === "size") this.#startChunk(line);
    else if (this.#part === "trailer") this.#endTrailer(line);
    else if (line === "") this.#part = "size";
    else this.state = "broken";
  }

  #startChunk(line: string): void {
    const [, size] = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(line) ?? [];
    if (size === undefined) {
      this.state = "broken";
      return;
    }
    this.#left = Number.parseInt(size, 16);
    this.#part = this.#left === 0 ? "trailer" : "data";
  }

  #endTrailer(line: string): void {
    if (line === "") this.state = "complete";
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > trailerBytesMax) this.state = "broken";
  }
}
