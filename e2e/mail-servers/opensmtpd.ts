import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { accounts } from "./root-folder.ts";
import { localDomains, type MailServerKind, people } from "./server.ts";

const quoted = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(", ");

export const opensmtpd: MailServerKind = {
  name: "OpenSMTPD",
  program: "/usr/sbin/smtpd",
  start: async ({ root, port, identity, remotePort }) => {
    await root.folder("/var/lib/opensmtpd/empty");
    await root.folder("/var/spool/smtpd", "root", 0o711);
    await root.write("/etc/ssl/house.key", identity.key, 0o600);
    await chmod(join(root.path, "/etc/ssl/house.key"), 0o600);
    const { vmail } = accounts;
    const mailboxes = people.map((name) => `"${name}" = "${vmail}:${vmail}:/var/mail/${name}"`);
    await root.write(
      "/etc/smtpd.conf",
      `pki house cert "/etc/ssl/house.crt"
pki house key "/etc/ssl/house.key"
table people { ${mailboxes.join(", ")} }
table domains { ${quoted(localDomains)} }
listen on 127.0.0.1 port ${port} tls pki house hostname mx.example.com
action "box" maildir "/var/mail/%{rcpt.user}" userbase <people>
action "hand_on" relay host smtp://127.0.0.1:${remotePort}
match from any for domain <domains> action "box"
match from any for domain "remote.example" action "hand_on"
`,
    );
    await root.start(opensmtpd.program, ["-d", "-v"], port);
  },
  log: async (root) => root.said(),
};
