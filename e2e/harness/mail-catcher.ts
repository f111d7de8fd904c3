import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import type { ServerIdentity } from "#e2e/servers/certificates.ts";

/** What the server does with a mail: takes it, answers with this SMTP code, cuts the line after it, or never answers. */
export type Taking = "take" | "cut" | "hang" | { code: number; text: string };

export type MailCatcher = {
  port: number;
  url: string;
  /** Every message that came whole, in order, also those that were then not taken. */
  mails: ParsedMail[];
  /** Asked after each whole message. */
  decide: (mail: ParsedMail) => Taking;
  /** Asked for each recipient. */
  decideRecipient: (address: string) => Taking;
  close: () => Promise<void>;
};

/** A mail server that keeps what it gets and misbehaves as it is told. With an identity it speaks TLS (smtps). */
export async function startMailCatcher(
  options: { port?: number; identity?: ServerIdentity } = {},
): Promise<MailCatcher> {
  const { identity } = options;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    disableReverseLookup: true,
    logger: false,
    ...(identity === undefined ? {} : { ...identity, secure: true }),
    onRcptTo: ({ address }, _session, done) => answer(catcher.decideRecipient(address), done),
    onData: (stream, _session, done) => {
      simpleParser(stream).then((mail) => {
        catcher.mails.push(mail);
        const taking = catcher.decide(mail);
        if (taking !== "cut") return answer(taking, done);
        for (const connection of connections()) connection._socket.destroy();
      }, done);
    },
  });
  server.on("error", () => undefined);
  // The library keeps its connections for itself; a cut line is what it has no word for.
  const connections = (): { _socket: { destroy: () => void } }[] =>
    Array.from((server as unknown as { connections: Set<never> }).connections);
  await new Promise<void>((settle) =>
    server.listen(options.port ?? 0, "127.0.0.1", () => settle()),
  );
  const address = server.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const catcher: MailCatcher = {
    port,
    url: `${identity === undefined ? "smtp" : "smtps"}://127.0.0.1:${port}`,
    mails: [],
    decide: () => "take",
    decideRecipient: () => "take",
    close: async () => {
      for (const connection of connections()) connection._socket.destroy();
      await new Promise<void>((settle) => server.close(() => settle()));
    },
  };
  return catcher;
}

function answer(taking: Taking, done: (error?: Error | null) => void): void {
  if (taking === "hang") return;
  if (typeof taking === "string") done();
  else done(Object.assign(new Error(taking.text), { responseCode: taking.code }));
}

/** The mails, each once however often it came: a repeat has the same Message-ID. */
export const eachOnce = (mails: readonly ParsedMail[]): ParsedMail[] => [
  ...new Map(mails.map((mail) => [mail.messageId, mail])).values(),
];
