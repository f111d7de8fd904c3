import type { Server } from "node:http";

export declare function endStalledSockets(server: Server, afterMs?: number): void;
