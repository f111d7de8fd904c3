import type { LikelyCause } from "#lib/causes/schema.ts";
import type { ProblemTelling } from "#lib/notifications/read-problem-tellings.ts";
import type { MailStanding } from "#lib/notifications/standing.ts";
import type { ProblemList } from "#lib/problems/schema.ts";
import type { PageStart } from "#lib/webhook-errors/filter.ts";
import type { BucketWidth, ErrorRange } from "#lib/webhook-errors/range.ts";
import type {
  ChannelChange,
  CountingGap,
  ErrorBucket,
  ErrorRow,
  ErrorSummary,
} from "#lib/webhook-errors/schema.ts";

/** The problems of the range; causes and tellings by problemName. */
export type ProblemFigures = {
  list: ProblemList;
  tellings: Readonly<Record<string, ProblemTelling>>;
  causes: Readonly<Record<string, LikelyCause>>;
};

/** Everything a view shows that moves while it is looked at, as the page has it and as the stream sends it. */
export type ErrorsFigures = {
  /** When the reading began, by the database's clock. */
  asOf: Date;
  range: ErrorRange;
  /** Clocks change within the range. */
  hasOffsets: boolean;
  /** Null: errors are being counted. */
  notCountedSince: Date | null;
  summary: ErrorSummary;
  chart: { width: BucketWidth; buckets: ErrorBucket[]; gaps: CountingGap[] };
  page: { rows: ErrorRow[]; previous: PageStart | null; next: PageStart | null };
  problems: ProblemFigures;
  standing: MailStanding;
  /** What was changed in the range; of many the newest. */
  changes: ChannelChange[];
  isCut: boolean;
};

/** What the stream sends beside them. */
export type ToldFigures = ErrorsFigures & {
  /** Null: not counted in time. */
  rowCount: number | null;
  /** How the head of the channel's pages stands, see DrawnStanding. */
  around: string;
};
