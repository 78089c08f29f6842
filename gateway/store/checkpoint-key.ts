import { seedFile } from './seed-file.ts';

const file = seedFile({
  names: ['checkpoint.json', 'checkpoint-mirror.json'],
  format: 'doorbook-checkpoint-key/1',
  lost: (dir) =>
    `The checkpoint key in ${dir} is damaged in both copies. Restore checkpoint.json from a backup of this folder, or move both files away: then a new log begins that cites this one.`,
});

/** The key that signs checkpoints, from `DATA/keys`, made when there is none. For the journal writer, which owns the file. Throws StoreError when files are there and neither copy is good. */
export const ownCheckpointKey = file.own;

/** The same key as it is now, for whoever does not own the file. Undefined when there is none, or neither copy is good. */
export const findCheckpointKey = file.find;
