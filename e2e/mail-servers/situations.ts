import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import type { Product } from "./product.ts";
import type { RootFolder } from "./root-folder.ts";

export type Place = {
  product: Product;
  root: RootFolder;
  /** Of the server: without TLS unless a situation says otherwise. */
  url: string;
  /** PEM of its certificate. */
  certificate: string;
  mailboxUrl: string;
  /** The server's name. */
  server: string;
};

export type Situation = {
  name: string;
  /** Which servers can be brought into it; all without. */
  servers?: readonly string[];
  run: (place: Place) => Promise<void>;
};

const plain = (url: string) => ({
  url: `${url}?ignoreTLS=true`,
  baseUrl: "https://console.example.com",
});

/** The newest mail in somebody's mailbox. */
async function newestOf(root: RootFolder, name: string): Promise<string> {
  const folder = join(root.path, "var/mail", name, "new");
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; ) {
    const files = await readdir(folder).catch(() => []);
    const newest = files.sort().at(-1);
    if (newest !== undefined) return readFile(join(folder, newest), "utf8");
    await new Promise((settle) => setTimeout(settle, 50));
  }
  throw new Error(`Nothing came to ${name}.`);
}

/** A mail that is refused, an address that is not stopped and gets its next mail. */
async function isRefusedButNotStopped(
  { product, url }: Place,
  address: string,
  options: { from?: string; says: RegExp },
): Promise<void> {
  const sending = { ...plain(url), ...(options.from === undefined ? {} : { from: options.from }) };
  assert.deepEqual(await product.send(sending, address), ["failed"]);
  assert.match((await product.lastErrors()).join(), options.says);
  assert.deepEqual(await product.stopped(), []);
}

export const situations: readonly Situation[] = [
  {
    name: "an email arrives, and the EHLO gives the console's name",
    run: async ({ product, root, url }) => {
      assert.deepEqual(await product.send(plain(url), "here@example.com"), ["sent"]);
      assert.match(await newestOf(root, "here"), /(from |helo=)console\.example\.com/);
    },
  },
  {
    name: "an unknown address is refused, and stopped if the server's code says so",
    run: async ({ product, url, server }) => {
      const states = await product.send(plain(url), "gone@example.com", "here@example.com");
      assert.deepEqual(states, ["failed", "sent"]);
      // Exim gives no code of its own, and OpenSMTPD none either: their plain 550 says the same of a relay that is denied.
      assert.deepEqual(await product.stopped(), server === "Postfix" ? ["gone@example.com"] : []);
    },
  },
  {
    name: "three unknown addresses within minutes stop none, and operators are notified",
    run: async ({ product, url }) => {
      await product.send(
        plain(url),
        "gone-1@example.com",
        "gone-2@example.com",
        "gone-3@example.com",
      );
      assert.deepEqual(await product.stopped(), []);
      assert.deepEqual(await product.notices(), ["many_refused"]);
    },
  },
  {
    name: "a sender whose domain does not exist stops no address, and operators are notified",
    servers: ["Postfix", "Exim"],
    run: async (place) => {
      const from = "tocsin@nowhere.example";
      const says = /Domain not found|Sender verify failed/;
      await isRefusedButNotStopped(place, "here@example.com", { from, says });
      assert.deepEqual(await place.product.notices(), ["sender"]);
    },
  },
  {
    name: "a refused relay stops no address",
    run: (place) =>
      isRefusedButNotStopped(place, "somebody@elsewhere.example", {
        says: /Relay access denied|relay not permitted|Invalid recipient/,
      }),
  },
  {
    name: "greylisting delays an email, and nothing else",
    servers: ["Postfix", "Exim"],
    run: async ({ product, url }) => {
      assert.deepEqual(await product.send(plain(url), "grey@example.com"), ["queued"]);
      assert.deepEqual(await product.stopped(), []);
      assert.deepEqual(await product.notices(), []);
    },
  },
  {
    name: "a self-signed certificate at STARTTLS makes emails wait, until SMTP_CA_FILE trusts it",
    servers: ["Postfix", "Exim"],
    run: async ({ product, url, certificate }) => {
      const baseUrl = "https://console.example.com";
      assert.deepEqual(await product.send({ url, baseUrl }, "here@example.com"), ["queued"]);
      assert.deepEqual(await product.notices(), ["certificate"]);
      assert.deepEqual(await product.send({ url, baseUrl, ca: certificate }, "here@example.com"), [
        "sent",
      ]);
      assert.deepEqual(await product.notices(), []);
      await product.send({ url, baseUrl, ca: certificate });
      assert.equal(await product.database.db.mail.count({ where: { state: "sent" } }), 2);
    },
  },
  {
    name: "a broken STARTTLS makes emails wait, until ?ignoreTLS=true is set",
    // As Debian 12 has it, it answers every handshake with an internal error: its keeper of keys knows no OpenSSL 3.
    servers: ["OpenSMTPD"],
    run: async ({ product, url }) => {
      assert.deepEqual(await product.send({ url }, "here@example.com"), ["queued"]);
      assert.deepEqual(await product.notices(), ["tls"]);
      assert.deepEqual(await product.send(plain(url), "here@example.com"), ["sent"]);
      assert.deepEqual(await product.notices(), []);
    },
  },
  {
    name: "?tls.rejectUnauthorized=false accepts any certificate at STARTTLS",
    servers: ["Postfix", "Exim"],
    run: async ({ product, url }) => {
      const sending = { ...plain(url), url: `${url}?tls.rejectUnauthorized=false` };
      assert.deepEqual(await product.send(sending, "here@example.com"), ["sent"]);
    },
  },
  {
    name: "a bounced email says so in the outbox; its address is stopped if the bounce gives the reason",
    run: async ({ product, url, mailboxUrl, server }) => {
      const states = await product.send(plain(url), "gone@remote.example", "here@remote.example");
      assert.deepEqual(states, ["sent", "sent"]);
      await product.readBounces(mailboxUrl, 1);
      const bounced = await product.database.db.mail.findMany({ where: { state: "bounced" } });
      assert.deepEqual(
        bounced.map(({ recipient }) => recipient),
        ["gone@remote.example"],
      );
      // OpenSMTPD says 5.0.0 of everything, and gives the other server's words to people only.
      const tells = server !== "OpenSMTPD";
      assert.deepEqual(await product.stopped(), tells ? ["gone@remote.example"] : []);
      assert.match(bounced[0]?.lastError ?? "", tells ? /550 5\.1\.1/ : /5\.0\.0/);
    },
  },
  {
    name: "an email that bounces for the receiver's policy does not stop the address",
    run: async ({ product, url, mailboxUrl }) => {
      assert.deepEqual(await product.send(plain(url), "policy@remote.example"), ["sent"]);
      await product.readBounces(mailboxUrl, 1);
      assert.deepEqual(await product.stopped(), []);
    },
  },
  {
    name: "a forged bounce stops no address",
    servers: ["Postfix"],
    run: async ({ product, url, mailboxUrl }) => {
      await product.send(plain(url), "here@example.com", "gone@remote.example");
      const mail = await product.database.db.mail.findFirstOrThrow({
        where: { recipient: "here@example.com" },
      });
      await forgeNotification(url, `<${mail.id}@mail.example>`, "here@example.com");
      await product.readMessages(mailboxUrl, 2);
      assert.deepEqual(await product.stopped(), ["gone@remote.example"]);
    },
  },
  {
    name: "operators are notified of a mailbox that cannot be read; reading resumes once it can",
    servers: ["Postfix"],
    run: async ({ product, url, mailboxUrl }) => {
      await product.send(plain(url), "gone@remote.example");
      const wrong = mailboxUrl.replace(":secret@", ":wrong@");
      await product.readBouncesOnce(wrong);
      assert.deepEqual(await product.notices(), ["bounces"]);
      await product.readBounces(mailboxUrl, 1);
      assert.deepEqual(await product.notices(), []);
    },
  },
  {
    name: "a bounce that cannot be recorded does not hold up others, and is logged once",
    servers: ["Postfix"],
    run: async ({ product, url, mailboxUrl }) => {
      await product.send(plain(url), "gone@remote.example", "policy@remote.example");
      const { pool, db } = product.database;
      await pool.query(`create function refuse_bounce() returns trigger language plpgsql as
        $$ begin raise exception 'this one cannot be recorded'; end $$`);
      await pool.query(`create trigger refuse_bounce before update on mails for each row
        when (new.state = 'bounced' and new.recipient = 'gone@remote.example')
        execute function refuse_bounce()`);
      try {
        await product.readMessages(mailboxUrl, 2);
        const [one] = await db.mail.findMany({ where: { state: "bounced" } });
        assert.equal(one?.recipient, "policy@remote.example");
        assert.deepEqual(await product.notices(), []);
        const gone = await db.mail.findFirstOrThrow({
          where: { recipient: "gone@remote.example" },
        });
        const told = product.logged("a message in the bounce mailbox was skipped");
        assert.deepEqual(
          told.map(({ messageId, error }) => [messageId, error]),
          [[gone.messageId, "this one cannot be recorded"]],
        );
        assert.ok(Number(told[0]?.uid) > 0);
      } finally {
        await pool.query("drop trigger refuse_bounce on mails");
        await pool.query("drop function refuse_bounce");
      }
    },
  },
];

/** As anybody can send one who knows the address of a mail, and has not seen it. */
async function forgeNotification(url: string, messageId: string, victim: string): Promise<void> {
  const raw = [
    "From: MAILER-DAEMON@mx.example.com",
    "To: tocsin@mail.example",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example.com",
    "",
    `Final-Recipient: rfc822; ${victim}`,
    "Action: failed",
    "Status: 5.1.1",
    "",
    "--b",
    "Content-Type: text/rfc822-headers",
    "",
    `Message-ID: ${messageId}`,
    "",
    "--b--",
    "",
  ].join("\r\n");
  const transport = createTransport({ url: plain(url).url, name: "forger.example.com" });
  const envelope = { from: "forger@example.com", to: ["tocsin@mail.example"] };
  await transport.sendMail({ envelope, raw });
}
