/** Route handlers that only signed-in people get something of (userRoute). */
export const filesPath =
  /^\/console\/(search|channel\/[^/]+\/(statistics\/((errors|deliveries)\/tsv|deliveries\/[^/]+\/answers\/[^/]+|live)|(audit|notifications)\/tsv|icon)|provider\/[^/]+\/audit\/tsv|operations\/audit\/tsv)$/;
