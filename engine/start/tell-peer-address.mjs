// Loaded before Next, which tells its pages no address of the connection: puts it into a header whose name nobody outside can
// guess.
import { randomBytes } from "node:crypto";
import { Server } from "node:http";
import { visitorsOwnAddress } from "./peer-address.mjs";

const name = `x-peer-${randomBytes(16).toString("hex")}`;
process.env.PEER_ADDRESS_HEADER = name;

const { emit } = Server.prototype;
Server.prototype.emit = function (event, ...args) {
  if (event === "request") {
    const [{ headers, socket }] = args;
    const address = visitorsOwnAddress(headers, socket.remoteAddress);
    if (address !== undefined) headers[name] = address;
  }
  return emit.call(this, event, ...args);
};
