-- CreateTable
CREATE TABLE "clock_readings" (
    "process" UUID NOT NULL,
    "part" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "offset_ms" DOUBLE PRECISION NOT NULL,
    "read_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "clock_readings_pkey" PRIMARY KEY ("process")
);
