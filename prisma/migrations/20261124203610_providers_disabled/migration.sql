-- AlterTable
ALTER TABLE "providers" ADD COLUMN     "disabled_at" TIMESTAMPTZ(3);
