-- By hand: what Prisma does not know.

-- As in 20261128075000, but for the next turn: a lease that is over counts as free there too. Of more than 20 webhooks whose worker
-- had died, those that a claim left were not looked at again before its own leases ended, 20 s later.
CREATE OR REPLACE PROCEDURE "claim_webhooks"(
  p_lane smallint, p_channels text[], p_seen_ms bigint[], p_places int[], p_lease uuid, p_lease_ms int,
  p_doubtful_from int, p_unrecorded_max int, p_doubtful_max int, INOUT p_taken text, INOUT p_set_aside uuid[], INOUT p_settings json
) LANGUAGE plpgsql AS E'
DECLARE
  turns text[]\x3B
  shares int[]\x3B
BEGIN
  SELECT array_agg(held.channel_id), array_agg(held.places) INTO turns, shares FROM (
    SELECT turn.channel_id, turn.places
      FROM unnest(p_channels, p_seen_ms, p_places) AS turn (channel_id, seen_ms, places)
     CROSS JOIN LATERAL (
       SELECT FROM ready_channels r
        WHERE r.lane = p_lane AND r.channel_id = turn.channel_id
          AND (extract(epoch FROM r.due_at) * 1000)::bigint = turn.seen_ms
          FOR UPDATE SKIP LOCKED
     ) still
  ) held\x3B
  IF turns IS NULL THEN RETURN\x3B END IF\x3B

  -- The oldest due webhooks of each channel. Index: webhook_queue (channel_id, lane, epoch, due_at, id), one probe per channel.
  -- What was cancelled has an older epoch than its channel and lane, and is not met (docs/decisions/0023). What is found is
  -- locked, so its place (ctid) holds and needs no second look-up. What has used up its attempts without any outcome is moved
  -- aside instead.
  WITH seen AS MATERIALIZED (
    SELECT due.place, due.unrecorded_count
      FROM unnest(turns, shares) AS turn (channel_id, places)
      JOIN channels c ON c.id = turn.channel_id
     CROSS JOIN LATERAL (
       SELECT q.ctid AS place, q.unrecorded_count FROM webhook_queue q
        WHERE q.channel_id = turn.channel_id AND q.lane = p_lane AND q.epoch = (CASE p_lane WHEN 0 THEN c.first_epoch ELSE c.redelivery_epoch END)
          AND q.due_at <= now()
          AND (q.lease_until IS NULL OR q.lease_until < now())
        ORDER BY q.due_at, q.id LIMIT turn.places FOR UPDATE SKIP LOCKED
     ) due
  ),
  picked AS (
    SELECT place FROM seen WHERE unrecorded_count < p_doubtful_from
    UNION ALL
    (SELECT place FROM seen WHERE unrecorded_count >= p_doubtful_from AND unrecorded_count < p_unrecorded_max
      LIMIT p_doubtful_max)
  ),
  claimed AS (
    UPDATE webhook_queue q
       SET attempt = q.attempt + 1, unrecorded_count = q.unrecorded_count + 1,
           lease = p_lease, lease_until = now() + p_lease_ms * interval \'1 ms\'
     WHERE q.ctid = ANY(ARRAY(SELECT place FROM picked))
    RETURNING q.ctid AS place
  ),
  removed AS (
    DELETE FROM webhook_queue q
     WHERE q.ctid = ANY(ARRAY(SELECT place FROM seen WHERE unrecorded_count >= p_unrecorded_max))
    RETURNING *
  ),
  set_aside AS (
    INSERT INTO set_aside_webhooks (id, channel_id, lane, attempt, failures, unrecorded_count, defect, event_count, body, epoch)
    SELECT id, channel_id, lane, attempt, failures, unrecorded_count, defect, event_count, body, epoch FROM removed
    RETURNING id
  )
  SELECT (SELECT array_agg(place)::text FROM claimed), (SELECT array_agg(id) FROM set_aside) INTO p_taken, p_set_aside\x3B

  -- Next turn: when something of the channel is due or a lease before it ends, but behind every channel that waits already.
  -- What is leased is the oldest of a channel, so both look-ups end after a few rows of the index. Of the leases the oldest
  -- webhooks\' are looked at, which end first, and none where something waits already. A lease that is over waits like what has none.
  WITH next AS (
    SELECT turn.channel_id, least(free.due_at, held.lease_until) AS due_at
      FROM unnest(turns) AS turn (channel_id)
      LEFT JOIN channels c ON c.id = turn.channel_id
      LEFT JOIN LATERAL (
        SELECT q.due_at FROM webhook_queue q
         WHERE q.channel_id = turn.channel_id AND q.lane = p_lane AND q.epoch = (CASE p_lane WHEN 0 THEN c.first_epoch ELSE c.redelivery_epoch END)
           AND (q.lease_until IS NULL OR q.lease_until < now())
         ORDER BY q.due_at LIMIT 1
      ) free ON true
      LEFT JOIN LATERAL (
        SELECT min(front.lease_until) AS lease_until
          FROM (SELECT q.lease_until FROM webhook_queue q
                 WHERE q.channel_id = turn.channel_id AND q.lane = p_lane AND q.epoch = (CASE p_lane WHEN 0 THEN c.first_epoch ELSE c.redelivery_epoch END)
                   AND coalesce(free.due_at > now(), true)
                   AND q.due_at <= coalesce(free.due_at, \'infinity\') AND q.lease_until IS NOT NULL
                 ORDER BY q.due_at LIMIT 20) front
      ) held ON true
  ),
  emptied AS (
    DELETE FROM ready_channels r USING next
     WHERE r.lane = p_lane AND r.channel_id = next.channel_id AND next.due_at IS NULL
  )
  UPDATE ready_channels r SET due_at = greatest(next.due_at, clock_timestamp())
    FROM next WHERE r.lane = p_lane AND r.channel_id = next.channel_id AND next.due_at IS NOT NULL\x3B

  -- Read last: as they are now. A join, because a plan that scans the table compares each row with a whole array otherwise.
  SELECT json_agg(setting) INTO p_settings FROM (
    SELECT c.id, c.webhook_url, c.sealed_secret, c.next_sealed_secret,
           coalesce(c.next_secret_from <= now(), false) AS is_next_in_force,
           c.use_webhook AND h.suspended_at IS NULL AS use_webhook
      FROM unnest(turns) AS turn (channel_id) JOIN channels c ON c.id = turn.channel_id
      LEFT JOIN endpoint_health h ON h.channel_id = c.id
  ) setting\x3B
  COMMIT\x3B
END';
