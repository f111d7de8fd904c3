-- AlterEnum
ALTER TYPE "mail_state" ADD VALUE 'withdrawn';
