import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { addRecords, emptyImage, keySource } from '../../../gateway/journal/slot-image.ts';
import { mergeMirrors, newRecord, SLOT, SLOT_BYTES, SLOT_HEADER, type SlotName } from '../../../gateway/journal/slot-file.ts';
import { openSlotWriter } from '../../../gateway/journal/slots.ts';
import { ownCheckpointKey } from '../../../gateway/store/checkpoint-key.ts';
import { loadKeys } from '../../../gateway/store/keys.ts';
import { StoreError } from '../../../gateway/store/sqlite.ts';
import { sometimesBent } from '../json.ts';
import { allowing, hold, type Opened, type Target } from '../target.ts';
import { temporaryFolder } from './folder.ts';

const ROOT = randomBytes(32);
const NAMES: readonly SlotName[] = [
  { type: SLOT.log, id: 0 },
  { type: SLOT.day, id: 20_600 },
  { type: SLOT.month, id: 318 },
  ...[1, 2, 70_000].map((id): SlotName => ({ type: SLOT.person, id })),
];

/** A slots file of six keys, others in every process: keys cannot be asked for by a seed. */
const SLOTS = Buffer.concat([SLOT_HEADER, ...NAMES.map((name, at) => newRecord(name, at + 1, ROOT))]);

function keysOf(image: Buffer): (string | undefined)[] {
  const state = { image: emptyImage(), root: ROOT, generation: 0 };
  addRecords(state.image, image, SLOT_HEADER.length);
  const source = keySource(state);
  return NAMES.map((name) => source.key(name)?.toString('hex'));
}
const KEYS = keysOf(SLOTS);

/** Whatever was changed, a key that is read is the one that was written. */
function sameOrNone(keys: readonly (string | undefined)[]): void {
  keys.forEach((key, at) => {
    hold(key === undefined || key === KEYS[at], `key ${at} is read as another`);
  });
}

/** Serials are kept below this: room is made for as many, and only whoever can write checksums could ask for more. */
const MOST_SERIAL = 2 ** 16;

/** Puts the right checksum under every record, so that what comes after the checksum is reached. */
function withChecksums(bytes: Buffer): Buffer {
  const file = Buffer.from(bytes);
  for (let at = SLOT_HEADER.length; at + SLOT_BYTES <= file.length; at += SLOT_BYTES) {
    file.writeUInt32BE(file.readUInt32BE(at + 8) % MOST_SERIAL, at + 8);
    file.writeUInt32BE(crc32(file.subarray(at, at + SLOT_BYTES - 4)), at + SLOT_BYTES - 4);
  }
  return file;
}

/** Is some whole record where another belongs? No checksum tells that from damage: each would do for its place. */
function moved(file: Buffer): boolean {
  for (let at = SLOT_HEADER.length; at + SLOT_BYTES <= file.length; at += SLOT_BYTES) {
    const record = file.subarray(at, at + SLOT_BYTES);
    if (record.readUInt32BE(SLOT_BYTES - 4) === crc32(record.subarray(0, SLOT_BYTES - 4)) && !record.equals(SLOTS.subarray(at, at + SLOT_BYTES))) return true;
  }
  return false;
}

/** One damaged mirror, with or without checksums made right, joined with a good one and with itself. */
function merge(input: Buffer): void {
  const [mode = 0, damaged] = [input[0], input.subarray(1)];
  const first = mode % 2 === 0 ? damaged : withChecksums(damaged);
  const alone = mergeMirrors(first, first);
  if (alone !== undefined) sameOrNone(keysOf(alone.image));
  const repaired = mergeMirrors(first, SLOTS);
  hold(repaired !== undefined, 'a good mirror is not read');
  const keys = keysOf(repaired.image);
  sameOrNone(keys);
  if (!moved(first)) hold(keys.join() === KEYS.join(), 'a key was lost although its mirror is good');
}

/** The slots file, as records. */
export const slots: Target = {
  name: 'slots',
  covers: ['gateway/journal/slot-file.ts', 'gateway/journal/slot-image.ts'],
  words: ['DOORBOOK-SLOTS/1', '\u0001\u0000', '\u0001\u0002'],
  make: (random) => Buffer.concat([Buffer.of(random.below(2)), SLOTS]),
  open: () => ({ run: merge, close: () => undefined }),
};

/** The slots files of a data directory, through the writer that owns them: it starts with the right keys, or says what is wrong. */
export const slotFiles: Target = {
  name: 'slot-files',
  covers: ['gateway/journal/slots.ts', 'gateway/journal/slot-file.ts'],
  words: ['DOORBOOK-SLOTS/1'],
  mostMs: 250,
  make: (random) => Buffer.concat([Buffer.of(random.below(3)), SLOTS]),
  open(): Opened {
    const folder = temporaryFolder();
    return {
      run(input) {
        const [which, damaged] = [(input[0] ?? 0) % 3, input.subarray(1)];
        folder.fill({ 'slots.a': which === 1 ? SLOTS : damaged, 'slots.b': which === 0 ? SLOTS : damaged });
        try {
          const writer = openSlotWriter(folder.path, ROOT);
          sameOrNone(NAMES.map((name) => writer.key(name)?.toString('hex')));
          writer.ensure([{ type: SLOT.person, id: 5 }]);
          hold(writer.key({ type: SLOT.person, id: 5 }) !== undefined, 'no new key can be made');
          writer.close();
        } catch (error) {
          if (!(error instanceof Error && error.message.startsWith('key slots: '))) throw error;
          hold(which === 2, `refused although one mirror is good: ${error.message}`);
        }
      },
      close: folder.remove,
    };
  },
};

const KEY_FILES = ['keys.json', 'keys-mirror.json', 'root.json', 'root-mirror.json', 'checkpoint.json', 'checkpoint-mirror.json'] as const;
/** Both copies of each kind of file, then one alone. */
const DAMAGE: readonly (readonly number[])[] = [[0, 1], [2, 3], [4, 5], [0], [1], [2], [3], [4], [5]];

const shown = (dir: string): string => {
  const { vault, hash, fingerprint, journalRoot } = loadKeys(dir);
  const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');
  return JSON.stringify([vault.map(({ n, key }) => [n, hex(key)]), hash.map(({ n, key }) => [n, hex(key)]), hex(fingerprint), hex(journalRoot), hex(ownCheckpointKey(dir))]);
};

/** The key files: damaged, they give the same keys or a sentence, never other keys. The first byte says which are damaged. */
export const keyFiles: Target = {
  name: 'key-files',
  covers: ['gateway/store/keys.ts', 'gateway/store/key-file.ts', 'gateway/store/checkpoint-key.ts'],
  words: ['"format"', '"generation": 9', '"key"', '"n": 1', '"check"', 'doorbook-keys/1', 'doorbook-root/1', '"roots": []', '"__proto__"', 'null', '[]', '{}'],
  mostMs: 250,
  make: (random) => Buffer.concat([Buffer.of(random.below(DAMAGE.length)), sometimesBent(ORIGINALS[random.below(KEY_FILES.length)]?.bytes ?? Buffer.alloc(0), random)]),
  open(): Opened {
    const folder = temporaryFolder();
    const whole = Object.fromEntries(ORIGINALS.map(({ name, bytes }) => [name, bytes]));
    folder.fill(whole);
    const before = shown(folder.path);
    return {
      run(input) {
        const which = DAMAGE[(input[0] ?? 0) % DAMAGE.length] ?? [];
        const damaged = which.map((at) => [KEY_FILES[at] ?? '', input.subarray(1)] as const);
        folder.fill({ ...whole, ...Object.fromEntries(damaged) });
        const now = allowing([StoreError], () => shown(folder.path));
        hold(now !== undefined || which.length === 2, 'refused although the other copy is good');
        hold(now === undefined || now === before, 'other keys came out');
      },
      close: folder.remove,
    };
  },
};

/** The files a new site makes. */
const ORIGINALS = ((): { readonly name: string; readonly bytes: Buffer }[] => {
  const folder = temporaryFolder();
  const dir = path.join(folder.path, 'keys');
  loadKeys(dir);
  ownCheckpointKey(dir);
  const made = KEY_FILES.map((name) => ({ name, bytes: readFileSync(path.join(dir, name)) }));
  folder.remove();
  return made;
})();
