/** What a notification about a certificate says as its detail, in English as all details are. */
export const certificateDetailSql = (host: string, notAfter: string): string =>
  `'Certificate of ' || ${host} || ' ends ' || to_char(${notAfter} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** Read back for the words of a mail; null: it is another detail. */
export function readCertificateDetail(detail: string): { host: string; endsAt: Date } | null {
  const [, host, time] = /^Certificate of (\S+) ends (\S+)$/.exec(detail) ?? [];
  const endsAt = new Date(time ?? Number.NaN);
  return host === undefined || Number.isNaN(endsAt.getTime()) ? null : { host, endsAt };
}
