import { accounts } from "./root-folder.ts";
import { localDomains, type MailServerKind, people } from "./server.ts";

const queues = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming"];
const closed = [...queues, "private", "saved", "trace"];
const services = [
  "pickup unix n - n 1 1 pickup",
  "cleanup unix n - n - 0 cleanup",
  "qmgr unix n - n 1 1 qmgr",
  "tlsmgr unix - - n 1000? 1 tlsmgr",
  "proxymap unix - - n - - proxymap",
  "rewrite unix - - n - - trivial-rewrite",
  "bounce unix - - n - 0 bounce",
  "defer unix - - n - 0 bounce",
  "trace unix - - n - 0 bounce",
  "smtp unix - - n - - smtp",
  "virtual unix - n n - - virtual",
  "error unix - - n - - error",
  "anvil unix - - n - 1 anvil",
  "postlog unix-dgram n - n - 1 postlogd",
];

export const postfix: MailServerKind = {
  name: "Postfix",
  program: "/usr/lib/postfix/sbin/master",
  start: async ({ root, port, identity, remotePort }) => {
    await root.folder("/var/spool/postfix");
    await root.folder("/var/spool/postfix/pid");
    await root.folder("/var/lib/postfix", "postfix");
    for (const queue of closed) await root.folder(`/var/spool/postfix/${queue}`, "postfix", 0o700);
    for (const queue of ["maildrop", "public"]) {
      await root.folder(`/var/spool/postfix/${queue}`, "postfix", 0o777);
    }
    await root.write("/etc/postfix/key.pem", identity.key, 0o600);
    await root.write("/etc/postfix/cert.pem", identity.cert);
    const mailboxes = people.flatMap((name) =>
      localDomains.map((domain) => `${name}@${domain}=${name}/`),
    );
    await root.write(
      "/etc/postfix/main.cf",
      `compatibility_level = 3.6
queue_directory = /var/spool/postfix
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
data_directory = /var/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = /var/log/postfix.log
myhostname = mx.example.com
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
virtual_mailbox_domains = ${localDomains.join(", ")}
virtual_mailbox_base = /var/mail
virtual_mailbox_maps = inline:{${mailboxes.join(", ")}}
virtual_uid_maps = static:${accounts.vmail}
virtual_gid_maps = static:${accounts.vmail}
relay_domains = remote.example
transport_maps = inline:{remote.example=smtp:[127.0.0.1]:${remotePort}}
smtpd_sender_restrictions = reject_unknown_sender_domain
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{{grey@example.com=450 4.7.1 Greylisted, please try again}}
unknown_address_reject_code = 550
smtpd_helo_required = yes
smtpd_helo_restrictions = reject_non_fqdn_helo_hostname, reject_invalid_helo_hostname
smtpd_tls_security_level = may
smtpd_tls_cert_file = /etc/postfix/cert.pem
smtpd_tls_key_file = /etc/postfix/key.pem
`,
    );
    const smtpd = `127.0.0.1:${port} inet n - n - - smtpd`;
    await root.write("/etc/postfix/master.cf", `${[smtpd, ...services].join("\n")}\n`);
    await root.start(postfix.program, ["-d", "-c", "/etc/postfix"], port);
  },
  log: (root) => root.read("/var/log/postfix.log"),
};
