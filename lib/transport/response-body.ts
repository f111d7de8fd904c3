import { responseBodyBytesMax } from "./schema.ts";

/** Collects what is kept of an answer's body, and counts what was read of it. */
export class ResponseBody {
  readonly #pieces: Buffer[] = [];
  readonly #keptMax: number;
  #bytes = 0;

  /** `keptMax` bytes are kept; the rest is read to free the connection, and forgotten. */
  constructor(keptMax: number) {
    this.#keptMax = keptMax;
  }

  /** More than this is never read. */
  get isFull(): boolean {
    return this.#bytes > responseBodyBytesMax;
  }

  add(piece: Buffer): void {
    const room = this.#keptMax - this.#bytes;
    this.#bytes += piece.length;
    // Copied: a piece is a view into a read buffer of up to 64 KiB that it would keep alive.
    if (room > 0) this.#pieces.push(Buffer.from(piece.subarray(0, room)));
  }

  content(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}
