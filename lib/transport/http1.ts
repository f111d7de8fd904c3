import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import {
  type Connection,
  type Exchange,
  idleTime,
  noAnswer,
  type OutgoingRequest,
} from "./exchange.ts";
import { Http1Exchange } from "./http1-exchange.ts";
import type { ShownCertificate } from "./schema.ts";
import { shownCertificate } from "./shown-certificate.ts";

// A body up to this size is copied behind its headers, so that one system call and one TLS record carry both.
const copiedBodyMax = 16_384;

const neverSent: Exchange = {
  ...noAnswer,
  observation: { kind: "closed", phase: "tcp" },
  isUnprocessed: true,
};

/** One HTTP/1.1 connection: one request at a time, never pipelined. */
export class Http1Connection implements Connection {
  readonly protocol = "http/1.1";
  readonly remoteAddress: string;
  readonly tlsVersion: string | null;
  readonly certificate: ShownCertificate | null;
  readonly #socket: Socket;
  #isClaimed = false;
  #answered = 0;
  #exchange: Http1Exchange | null = null;
  #isUsable = true;
  #keepAliveSeconds: number | null = null;

  /** `socket`: connected, checked and secured. `onDead` is called once, when it can not be used any more. */
  constructor(socket: Socket, remoteAddress: string, onDead: (connection: Connection) => void) {
    this.#socket = socket;
    this.remoteAddress = remoteAddress;
    this.tlsVersion = socket instanceof TLSSocket ? socket.getProtocol() : null;
    this.certificate = socket instanceof TLSSocket ? shownCertificate(socket) : null;
    socket.on("data", (bytes: Buffer) => {
      // Bytes nobody asked for, such as a 408 while idle: what they would answer is unknown.
      if (this.#exchange) this.#exchange.onData(bytes);
      else this.destroy();
    });
    socket.on("end", () => {
      this.#isUsable = false;
      this.#exchange?.onEnd();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#isUsable = false;
      this.#exchange?.onError(error);
    });
    socket.on("close", () => {
      this.#isUsable = false;
      this.#exchange?.onClose();
      onDead(this);
    });
  }

  isFree(): boolean {
    return !this.isBusy && !this.isDead();
  }

  isDead(): boolean {
    return !this.#isUsable || !this.#socket.writable;
  }

  get isBusy(): boolean {
    return this.#isClaimed || this.#exchange !== null;
  }

  claim(): void {
    this.#isClaimed = true;
  }

  unclaim(): void {
    this.#isClaimed = false;
  }

  idleMs(): number {
    return idleTime(this.#keepAliveSeconds);
  }

  exchange(request: OutgoingRequest, answerMs: number): Promise<Exchange> {
    this.#isClaimed = false;
    if (this.isDead()) return Promise.resolve(neverSent);
    return new Promise((resolve) => {
      const exchange = new Http1Exchange(this.#answered++ > 0, (result, keepAliveSeconds) => {
        this.#exchange = null;
        this.#keepAliveSeconds = keepAliveSeconds;
        if (result.isLast) this.destroy();
        resolve(result);
      });
      this.#exchange = exchange;
      exchange.start(this.#socket, answerMs, () => this.#write(request));
    });
  }

  destroy(): void {
    this.#isUsable = false;
    this.#socket.destroy();
  }

  #write({ authority, path, headers, body }: OutgoingRequest): void {
    let head = `POST ${path} HTTP/1.1\r\nhost: ${authority}\r\ncontent-length: ${body.length}\r\n`;
    for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
    head += "\r\n";
    if (body.length <= copiedBodyMax) {
      const message = Buffer.allocUnsafe(head.length + body.length);
      message.write(head, 0, "latin1");
      body.copy(message, head.length);
      this.#socket.write(message);
      return;
    }
    this.#socket.cork();
    this.#socket.write(head, "latin1");
    this.#socket.write(body);
    this.#socket.uncork();
  }
}
