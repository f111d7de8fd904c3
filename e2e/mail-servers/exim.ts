import { localDomains, type MailServerKind, people } from "./server.ts";

export const exim: MailServerKind = {
  name: "Exim",
  program: "/usr/sbin/exim4",
  start: async ({ root, port, identity, remotePort }) => {
    for (const folder of ["/var/spool/exim4", "/var/log/exim4"]) {
      await root.folder(folder, "Debian-exim");
    }
    await root.write("/etc/exim4/key.pem", identity.key);
    await root.write("/etc/exim4/cert.pem", identity.cert);
    // Where Debian's Exim looks by itself: with any other file it gives up its rights, and delivers nothing.
    await root.write(
      "/etc/exim4/exim4.conf",
      `primary_hostname = mx.example.com
exim_user = Debian-exim
exim_group = Debian-exim
never_users = root
trusted_users = vmail
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_advertise_hosts = *
tls_certificate = /etc/exim4/cert.pem
tls_privatekey = /etc/exim4/key.pem
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
acl_smtp_rcpt = acl_rcpt
begin acl
acl_rcpt:
  require verify = sender
  defer local_parts = grey
        message = Greylisted, please try again
  require message = relay not permitted
          domains = ${localDomains.join(" : ")} : remote.example
  require verify = recipient
  accept
begin routers
mailboxes:
  driver = accept
  domains = ${localDomains.join(" : ")}
  local_parts = ${people.join(" : ")} : grey
  transport = maildir
nobody:
  driver = redirect
  domains = ${localDomains.join(" : ")}
  data = :fail: Unrouteable address
  allow_fail
remote:
  driver = manualroute
  domains = remote.example
  route_list = * 127.0.0.1::${remotePort}
  self = send
  transport = smtp
others:
  driver = dnslookup
  transport = smtp
  no_more
begin transports
maildir:
  driver = appendfile
  directory = /var/mail/$local_part_data
  maildir_format
  user = vmail
  group = vmail
smtp:
  driver = smtp
`,
    );
    await root.start(exim.program, ["-bdf", "-q1h"], port);
  },
  log: async (root) =>
    `${await root.read("/var/log/exim4/mainlog")}${await root.read("/var/log/exim4/paniclog")}`,
};
