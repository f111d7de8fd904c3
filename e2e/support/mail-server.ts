import { expect } from "@playwright/test";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

export type TestMailServer = { mails: ParsedMail[]; stop: () => Promise<void> };

/** The server takes any; this is the one that the product is given. */
export const smtpPassword = "the-mail-servers-password-for-tests";

/** A real SMTP server that takes every mail and keeps it, parsed. */
export async function startTestMailServer(port: number): Promise<TestMailServer> {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(null, { user: "tocsin" }),
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

/** The link of the newest mail to an address; waits until it has come. */
export async function linkTo(
  server: TestMailServer,
  email: string,
  pattern: RegExp,
): Promise<string> {
  const find = () =>
    server.mails
      .filter((mail) => JSON.stringify(mail.to).includes(email))
      .map((mail) => pattern.exec(mail.text ?? "")?.[0])
      .findLast((link) => link !== undefined);
  await expect.poll(find).toBeDefined();
  return find() ?? "";
}
