// How windows are closed in tests: every default of the product, open to every channel, and renderers that say what they were given.
// Only that windows are whole ones: a test of those that are closed early says so.
import type { ClosingOptions, NotificationPolicy } from "#lib/notifications/schema.ts";

const hourMs = 3_600_000;

export const testPolicy: NotificationPolicy = {
  access: "open",
  windowMs: 300_000,
  earlyMs: 0,
  reminderPausesMs: [hourMs, 6 * hourMs, 24 * hourMs],
  digestAbove: 5,
  digestPauseMs: hourMs,
  channelCapPerDay: 6,
  recipientCapPerHour: 20,
  displayTimeZone: "Asia/Tokyo",
};

export function closingOptions(
  policy: Partial<NotificationPolicy> = {},
  overrides: Partial<Omit<ClosingOptions, "policy">> = {},
): ClosingOptions {
  return {
    policy: { ...testPolicy, ...policy },
    render: async (content) => ({
      html: `<p>${content.channelName}</p>`,
      text: JSON.stringify(content),
    }),
    renderDigest: async (content) => ({ html: "<p>Digest</p>", text: JSON.stringify(content) }),
    renderOrder: async (order, url) => ({
      subject: order.kind,
      html: "<p>Order</p>",
      text: JSON.stringify({ ...order, url }),
    }),
    baseUrl: "https://console.example.com",
    encryptionKey: Buffer.alloc(32, 9),
    keep: false,
    messageIdDomain: "mail.example",
    displayTimeZone: "Asia/Tokyo",
    ...overrides,
  };
}
