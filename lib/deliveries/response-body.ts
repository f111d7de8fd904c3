import { responseBodyBytesMax } from "./schema.ts";

/** Collects what is shown of an answer's body, and counts what was read of it. */
export class ResponseBody {
  readonly #pieces: Buffer[] | null;
  #bytes = 0;

  /** `keep` false only counts: a delivered webhook's answer is read to free the connection, and forgotten. */
  constructor(keep: boolean) {
    this.#pieces = keep ? [] : null;
  }

  /** More than this is never read. */
  get isFull(): boolean {
    return this.#bytes > responseBodyBytesMax;
  }

  add(piece: Buffer): void {
    const room = responseBodyBytesMax - this.#bytes;
    this.#bytes += piece.length;
    // Copied: a piece is a view into a read buffer of up to 64 KiB that it would keep alive.
    if (room > 0) this.#pieces?.push(Buffer.from(piece.subarray(0, room)));
  }

  /** Null when it was not kept. */
  content(): Buffer | null {
    return this.#pieces && Buffer.concat(this.#pieces);
  }
}
