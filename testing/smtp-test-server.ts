import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export type TestServer = { url: string; close: () => Promise<void> };

export type Hooks = Partial<
  Pick<
    SMTPServerOptions,
    | "onConnect"
    | "onRcptTo"
    | "onMailFrom"
    | "onAuth"
    | "secure"
    | "key"
    | "cert"
    | "disabledCommands"
  >
> & {
  /** Called with the whole message; an error is the server's answer. `cut` ends the connection without one. */
  onMessage?: (mail: ParsedMail, cut: () => void) => Error | null | Promise<Error | null>;
};

/** A real SMTP server that keeps what it was given, and misbehaves where a hook says so. */
export async function startSmtp({
  onMessage,
  ...hooks
}: Hooks = {}): Promise<TestServer & { received: ParsedMail[] }> {
  const received: ParsedMail[] = [];
  const sockets = new Set<Socket>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    logger: false,
    disableReverseLookup: true,
    ...hooks,
    onData: (stream, session, done) => {
      const cut = () => {
        for (const socket of sockets)
          if (socket.remotePort === session.remotePort) socket.destroy();
      };
      simpleParser(stream).then(async (mail) => {
        received.push(mail);
        const answer = (await onMessage?.(mail, cut)) ?? null;
        done(answer);
      }, done);
    },
  });
  server.on("error", () => undefined);
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(resolve));
  };
  return { url: urlOf(server.server), received, close };
}

/** A bare TCP server, for servers that do not speak SMTP as they should. */
export async function startRaw(onSocket: (socket: Socket) => void): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: urlOf(server), close };
}

const urlOf = (server: Pick<Server, "address">): string => {
  const { port } = server.address() as AddressInfo;
  return `smtp://127.0.0.1:${port}`;
};

export const smtpError = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });
