import { formatDateTime } from "#lib/format.ts";
import { readCertificateDetail } from "#lib/notifications/certificate-detail.ts";
import type { NotificationContent } from "#lib/notifications/schema.ts";

/**
 * The six items of the platform's own mails, in its order and with its labels, which are English in every language
 * (docs/platform.md#mails). What is no error has others.
 */
export function notificationItems(content: NotificationContent) {
  const channel = [
    { label: "Channel ID", value: content.channelId, kind: "code" },
    { label: "Channel name", value: content.channelName, kind: "text" },
  ] as const;
  const certificate =
    content.type === "certificate_ends" ? readCertificateDetail(content.detail) : null;
  if (certificate !== null) {
    const endsAt = formatDateTime(certificate.endsAt, content.timeZone);
    return [
      ...channel,
      { label: "Certificate of", value: certificate.host, kind: "code" },
      { label: "Ends", value: endsAt, kind: "code" },
    ] as const;
  }
  return [
    ...channel,
    { label: "Reason for error", value: content.reason, kind: "reason" },
    { label: "Detail for error", value: content.detail, kind: "text" },
    { label: "Error count", value: String(content.errorCount), kind: "number" },
    {
      label: "Time detected",
      value: formatDateTime(content.detectedAt, content.timeZone),
      kind: "code",
    },
  ] as const;
}

export type NotificationItem = ReturnType<typeof notificationItems>[number];
