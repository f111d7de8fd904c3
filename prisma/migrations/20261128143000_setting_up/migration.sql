-- Channels that are there already were set up without the check-list; new ones begin with it. Which URL passed Verify last.
ALTER TABLE "channels" ADD COLUMN "verified_url" TEXT, ADD COLUMN "shows_set_up" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "channels" ALTER COLUMN "shows_set_up" SET DEFAULT true;

-- What changed how webhooks of a channel are sent, for the marks in charts; a channel's log may hold any number of other entries.
CREATE INDEX "audit_entries_sending_idx" ON "audit_entries" ("channel_id", "at")
 WHERE "result" = 'done' AND "action" IN ('webhook_url_set', 'switch_turned', 'secret_issued', 'secret_overlap_begun',
                                          'secret_overlap_cancelled', 'secret_switched');
