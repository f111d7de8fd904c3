import { accounts, type RootFolder } from "./root-folder.ts";

/** Shows the mailboxes of the house by IMAP; the password of everybody is `secret`. */
export async function startDovecot(root: RootFolder, port: number): Promise<void> {
  await root.folder("/run/dovecot");
  const { vmail } = accounts;
  await root.write(
    "/etc/dovecot/dovecot.conf",
    `protocols = imap
listen = 127.0.0.1
base_dir = /run/dovecot
log_path = /var/log/dovecot.log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:/var/mail/%n
first_valid_uid = ${vmail}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=${vmail} gid=${vmail} home=/var/mail/%n allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
`,
  );
  await root.start("/usr/sbin/dovecot", ["-F", "-c", "/etc/dovecot/dovecot.conf"], port);
}
