-- CreateEnum
CREATE TYPE "theme" AS ENUM ('light', 'dark', 'system');

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "theme" "theme" NOT NULL DEFAULT 'system';
