-- AlterTable
ALTER TABLE "delivered_minutes" ADD COLUMN     "answers" INTEGER[];

-- CreateTable
CREATE TABLE "answered_error_minutes" (
    "channel_id" TEXT NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "answers" INTEGER[],

    CONSTRAINT "answered_error_minutes_pkey" PRIMARY KEY ("channel_id","minute")
) PARTITION BY RANGE ("minute");

-- By hand from here: what Prisma does not know.

CREATE TABLE "answered_error_minutes_default" PARTITION OF "answered_error_minutes" DEFAULT;
