/** A timer that lets what already arrived be read before it strikes. */
export class Deadline {
  readonly #timer: NodeJS.Timeout;
  #open = true;

  /** Calls `passed` after `ms` unless cleared. */
  constructor(ms: number, passed: () => void) {
    // A busy event loop fires timers before it reads sockets: an answer that lies in the kernel was in time.
    // One turn through the poll phase hands it over, and it clears the deadline.
    this.#timer = setTimeout(() => {
      setImmediate(() => {
        if (!this.#open) return;
        this.#open = false;
        passed();
      });
    }, ms);
  }

  clear(): void {
    this.#open = false;
    clearTimeout(this.#timer);
  }
}
