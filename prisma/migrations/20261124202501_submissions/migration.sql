-- CreateTable
CREATE TABLE "submissions" (
    "user_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "result" JSONB,

    CONSTRAINT "submissions_pkey" PRIMARY KEY ("user_id","key")
);

-- CreateIndex
CREATE INDEX "submissions_at_idx" ON "submissions"("at");

-- AddForeignKey
ALTER TABLE "submissions" ADD CONSTRAINT "submissions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
