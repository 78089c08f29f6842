import { seedFile } from './seed-file.ts';

const file = seedFile({
  names: ['list.json', 'list-mirror.json'],
  format: 'doorbook-list-key/1',
  lost: (dir) =>
    `The key that signs access lists, in ${dir}, is damaged in both copies, and controllers take no list of another key. Restore list.json from a backup of this folder, or move both files away and enrol every controller again.`,
});

/** The key that signs the headers of access lists, from `DATA/keys`, made when there is none. For the door side, which owns the file. Throws StoreError when files are there and neither copy is good. */
export const ownListKey = file.own;
