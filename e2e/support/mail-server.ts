import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

export type TestMailServer = { mails: ParsedMail[]; stop: () => Promise<void> };

/** A real SMTP server that takes every mail and keeps it, parsed. */
export async function startTestMailServer(port: number): Promise<TestMailServer> {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: (stream, _session, done) => {
      simpleParser(stream).then(
        (mail) => {
          mails.push(mail);
          done();
        },
        (error: Error) => done(error),
      );
    },
  });
  await new Promise<void>((settle) => server.listen(port, "127.0.0.1", () => settle()));
  return { mails, stop: () => new Promise((settle) => server.close(() => settle())) };
}
