// Loaded before Next, whose server waits for ever for a client that takes nothing of its answer, and five minutes for a form.
import { Server } from "node:http";
import { Server as NetServer } from "node:net";
import { endStalledSockets } from "#engine/stalled-sockets.mjs";

/** For a whole request, at most a megabyte. */
const requestTimeoutMs = 120_000;

Server.prototype.listen = function (...args) {
  this.requestTimeout = requestTimeoutMs;
  endStalledSockets(this);
  return NetServer.prototype.listen.apply(this, args);
};
