-- By hand: what Prisma does not know. A channel that is disabled is sent nothing: that is marked in charts, too.
DROP INDEX "audit_entries_sending_idx";
CREATE INDEX "audit_entries_sending_idx" ON "audit_entries" ("channel_id", "at")
 WHERE "result" = 'done' AND "action" IN ('webhook_url_set', 'switch_turned', 'secret_issued', 'secret_overlap_begun',
                                          'secret_overlap_cancelled', 'secret_switched', 'channel_disabled');
