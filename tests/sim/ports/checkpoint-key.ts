import { createHash } from 'node:crypto';

const KEY = createHash('sha256').update('simulated checkpoint key').digest();

/** The site's checkpoint key: in the simulation always the same, and no file. */
export const ownCheckpointKey = (_dir: string): Uint8Array => KEY;
export const findCheckpointKey = (_dir: string): Uint8Array => KEY;
