#!/usr/bin/env bash
# Brings Postfix, Exim, OpenSMTPD and Dovecot from Debian's packages into one folder, with every library that they need:
# as packages the first three exclude each other, and nothing of this machine is changed. Needs root, as the tests do.
set -euo pipefail
dir="${1:-${MAIL_SERVERS_DIR:-/var/cache/tocsin-mail-servers}}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/archives/partial" "$work/root"
# As on a machine without any package: what this one has already would be left out.
: > "$work/status"
for package in postfix exim4-daemon-light opensmtpd dovecot-imapd dash; do
  apt-get install -qq -y --no-install-recommends --download-only -o Dir::State::status="$work/status" \
    -o Dir::Cache::archives="$work/archives" -o APT::Sandbox::User=root "$package" >/dev/null
done
for archive in "$work"/archives/*.deb; do
  case "$(basename "$archive")" in
    perl* | libperl* | dpkg_* | cron* | e2fsprogs_* | usrmerge_* | libpam-runtime_* | passwd_*) ;;
    *)
      dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$work/root" --keep-directory-symlink \
        --exclude=./usr/share --exclude=./var/cache --exclude=./lib/systemd
      ;;
  esac
done
rm -rf "$dir"
mkdir -p "$(dirname "$dir")"
cp -a "$work/root" "$dir"
