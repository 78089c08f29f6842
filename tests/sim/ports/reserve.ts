import { disk } from '../world/disk.ts';
import type { Reserve } from '../../../gateway/journal/reserve.ts';

/** The reserve of the disk that runs now: room for some entries more when the disk is full. */
export function openReserve(_file: string): Reserve {
  const { reserve } = disk();
  return {
    release() {
      const had = reserve.held;
      reserve.held = false;
      return had;
    },
    restore() {
      if (reserve.held || disk().full) return false;
      reserve.held = true;
      return true;
    },
  };
}
