-- AlterTable
ALTER TABLE "channels" ADD COLUMN     "next_sealed_secret" TEXT,
ADD COLUMN     "next_secret_from" TIMESTAMPTZ(3);
