-- By hand: what Prisma does not know.

-- The turns that a claim looks at (lib/queue/claim.ts). A function, for its settings: the index has the turns in their order, but
-- without fresh statistics PostgreSQL collects and sorts every waiting channel to find the first of them. Index: ready_channels (lane, due_at).
-- The driver adapter cuts a migration at each semicolon, hence \x3B within the body.
CREATE FUNCTION "claim_turns"(p_lane smallint, p_excluded text[], p_max int, p_without_busy boolean)
RETURNS TABLE (channel_id text, seen_ms bigint) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS E'
BEGIN
  IF p_without_busy THEN
    RETURN QUERY SELECT r.channel_id, (extract(epoch FROM r.due_at) * 1000)::bigint FROM ready_channels r
     WHERE r.lane = p_lane AND r.due_at <= now() AND r.channel_id <> ALL(p_excluded)
     ORDER BY r.due_at LIMIT p_max FOR UPDATE SKIP LOCKED\x3B
  ELSE
    RETURN QUERY SELECT r.channel_id, (extract(epoch FROM r.due_at) * 1000)::bigint FROM ready_channels r
     WHERE r.lane = p_lane AND r.due_at <= now() AND r.channel_id <> ALL(p_excluded)
     ORDER BY r.due_at LIMIT p_max\x3B
  END IF\x3B
END';
