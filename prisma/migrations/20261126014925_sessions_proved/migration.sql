-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "proved_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- Sessions of before have shown who they are at sign-in, however long ago that is.
UPDATE "sessions" SET "proved_at" = "created_at";
