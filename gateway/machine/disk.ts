import { statfs } from 'node:fs/promises';

/** Room on the file system of a folder, bytes. */
export interface DiskSpace {
  /** What this user may still write. */
  readonly free: number;
  readonly used: number;
}

/** Asks the file system. Rejects when the folder is not there. */
export async function diskSpace(folder: string): Promise<DiskSpace> {
  const { bavail, bfree, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, used: (blocks - bfree) * bsize };
}

/** Share in use, 0 to 1, as `df` counts it: what is kept for the system is neither used nor free. */
export const usedShare = ({ free, used }: DiskSpace): number => (free + used === 0 ? 0 : used / (free + used));
