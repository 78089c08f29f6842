-- The speed a serial line is being moved to, beside the one it has.
ALTER TABLE "SerialLine" ADD COLUMN "nextBaud" INTEGER;
