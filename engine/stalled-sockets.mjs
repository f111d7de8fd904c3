/** As long as a file's reader may be behind (lib/reader-pace.ts). Node looks twice, so it lasts at most twice as long. */
const stalledAfterMs = 60_000;

/**
 * Ends connections whose client takes nothing for so long while there is something for it: each would keep its answer in memory
 * and its socket for ever. Whoever waits for us waits as long as that takes. Requests that do not come in whole are ended by
 * Node's own limits, and quiet connections by its `keepAliveTimeout`. Does not end a client that takes a little every now and then.
 */
export function endStalledSockets(server, afterMs = stalledAfterMs) {
  server.setTimeout(afterMs, (socket) => {
    // Node has looked whether the write under way went on meanwhile; then it is not asked here.
    if (socket.writableLength > 0) socket.destroy();
    else socket.setTimeout(afterMs);
  });
}
