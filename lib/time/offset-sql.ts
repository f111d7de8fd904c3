import { Prisma } from "#prisma/generated/client.ts";

/** How far the zone's clock is ahead of UTC at that moment, as text: `+09:00`, `-03:30`, `+00:00`. */
export const offsetOf = (at: Prisma.Sql, timeZone: string): Prisma.Sql => Prisma.sql`
  (select case when minutes < 0 then '-' else '+' end || to_char(make_interval(mins => abs(minutes)), 'HH24:MI')
     from (select (extract(epoch from (${at} at time zone ${timeZone}) - (${at} at time zone 'UTC')) / 60)::int as minutes) ahead)`;
