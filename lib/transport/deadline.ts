/** A timer that lets what already arrived be read before it strikes, and never strikes early. */
export class Deadline {
  readonly #dueAt: number;
  #timer: NodeJS.Timeout;
  #open = true;

  /** Calls `passed` after `ms` unless cleared. */
  constructor(ms: number, passed: () => void) {
    this.#dueAt = performance.now() + ms;
    this.#timer = this.#wait(ms, passed);
  }

  clear(): void {
    this.#open = false;
    clearTimeout(this.#timer);
  }

  #wait(ms: number, passed: () => void): NodeJS.Timeout {
    // A busy event loop fires timers before it reads sockets: an answer that lies in the kernel was in time.
    // One turn through the poll phase hands it over, and it clears the deadline.
    return setTimeout(() => setImmediate(() => this.#strike(passed)), ms);
  }

  #strike(passed: () => void): void {
    if (!this.#open) return;
    // Timers count from when their turn of the event loop began, in whole milliseconds: up to one too early.
    const leftMs = this.#dueAt - performance.now();
    if (leftMs > 0) {
      this.#timer = this.#wait(Math.ceil(leftMs), passed);
      return;
    }
    this.#open = false;
    passed();
  }
}
