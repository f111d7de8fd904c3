-- AlterTable
ALTER TABLE "providers" ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "channels" ADD COLUMN     "disabled_at" TIMESTAMPTZ(3),
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "channel_icons" (
    "channel_id" TEXT NOT NULL,
    "png" BYTEA NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "channel_icons_pkey" PRIMARY KEY ("channel_id")
);

-- AddForeignKey
ALTER TABLE "channel_icons" ADD CONSTRAINT "channel_icons_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;
