// Loaded before Next, whose pages answer 500 whatever broke them: whoever finds that the database was in the way
// (instrumentation.ts) turns the answer to the request under way into a 503 that says when to come again.
import { AsyncLocalStorage } from "node:async_hooks";
import { Server, ServerResponse } from "node:http";

const underWay = new AsyncLocalStorage();
const secondsToWait = new WeakMap();

globalThis.tocsinNoteUnavailable = (seconds) => {
  const response = underWay.getStore();
  if (response !== undefined) secondsToWait.set(response, seconds);
};

const { emit } = Server.prototype;
Server.prototype.emit = function (event, ...args) {
  if (event !== "request") return emit.call(this, event, ...args);
  return underWay.run(args[1], () => emit.call(this, event, ...args));
};

const { writeHead } = ServerResponse.prototype;
ServerResponse.prototype.writeHead = function (status, ...rest) {
  const seconds = secondsToWait.get(this);
  if (status !== 500 || seconds === undefined) return writeHead.call(this, status, ...rest);
  this.setHeader("retry-after", String(seconds));
  this.statusMessage = "";
  return writeHead.call(this, 503, ...rest);
};
