import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";

/**
 * PEM of what mail servers are trusted by: Node's own authorities, `SMTP_CA_FILE`, and `NODE_EXTRA_CA_CERTS`, which Node puts
 * aside as soon as others are given. Undefined where no file is set: Node then uses its own and the extra ones.
 * @throws Error when a file cannot be read.
 */
export function trustedAuthorities(files: {
  smtpCaFile: string | undefined;
  extraCaFile: string | undefined;
}): string | undefined {
  if (files.smtpCaFile === undefined) return undefined;
  const given = [files.smtpCaFile, files.extraCaFile].flatMap((file) =>
    file === undefined ? [] : [readFileSync(file, "utf8")],
  );
  return [...rootCertificates, ...given].join("\n");
}
