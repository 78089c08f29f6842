import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { CborError, type CborValue, decodeCbor, encodeCbor } from '../../../gateway/wire/cbor.ts';
import { decodeEvent, decodePerson, encodeEvent, encodePerson } from '../../../gateway/journal/encode.ts';
import { isSignedBy, publicKeyOf, signerOf } from '../../../gateway/journal/signing.ts';
import { checkpointText, originOf, parseCheckpoint } from '../../../gateway/wire/checkpoint.ts';
import { FieldError } from '../../../gateway/wire/fields.ts';
import { tapEntry } from '../../journal/samples.ts';
import type { Random } from '../random.ts';
import { allowing, hold, plain, type Target } from '../target.ts';

function value(random: Random, depth: number): CborValue {
  const kind = random.below(depth > 3 ? 6 : 8);
  if (kind === 0) return random.pick([0, 23, 24, 255, 256, 65_536, 2 ** 32, Number.MAX_SAFE_INTEGER]);
  if (kind === 1) return -1 - random.pick([0, 23, 24, 255, 256, 65_536, 2 ** 32]);
  if (kind === 2) return random.pick(['', 'a', '中文', 'x'.repeat(40)]);
  if (kind === 3) return random.bytes(random.below(30));
  if (kind === 4) return random.oneIn(2);
  if (kind === 5) return null;
  if (kind === 6) return Array.from({ length: random.below(4) }, () => value(random, depth + 1));
  return new Map(Array.from({ length: random.below(4) }, (_, at) => [at * 7 - 3, value(random, depth + 1)] as const));
}

/** What is read is in its one form: written again it is the same bytes. */
export const cbor: Target = {
  name: 'cbor',
  covers: ['gateway/wire/cbor.ts'],
  words: ['\u0018', '\u0019', '\u001a', '\u001b'],
  make: (random) => encodeCbor(value(random, 0)),
  open: plain((input) => {
    const read = allowing([CborError], () => ({ value: decodeCbor(input) }));
    if (read !== undefined) hold(encodeCbor(read.value).equals(input), 'a value with two encodings');
  }),
};

/** Longer words of a person are never written. */
const MOST_WORDS = 120;

const KNOWN = tapEntry(1, {}, { words: '王芳', fingerprint: '1a2b3c4d' });
const ENCODED = { event: encodeEvent(KNOWN.event), person: encodePerson(KNOWN.person) };

/** The two halves of an entry, as they come out from under their seal. */
export const entries: Target = {
  name: 'entries',
  covers: ['gateway/journal/encode.ts', 'gateway/wire/cbor.ts'],
  words: ['\u0018', '\u0019', '\u001a', '\u001b'],
  make(random) {
    const { event, person } = tapEntry(1 + random.below(9), random.oneIn(2) ? {} : { kind: 'door', what: 'forced' }, { words: random.pick(['', '王芳', 'x'.repeat(120)]) });
    return random.oneIn(2) ? encodeEvent(event) : encodePerson(person);
  },
  open: plain((input) => {
    hold(isDeepStrictEqual([decodeEvent(ENCODED.event), decodePerson(ENCODED.person)], [KNOWN.event, KNOWN.person]), 'what was written is read as something else');
    // A row number out of range is refused by core/ids, in its own words.
    const event = allowing([CborError, RangeError], () => decodeEvent(input));
    if (event !== undefined) hold(isDeepStrictEqual(decodeEvent(encodeEvent(event)), event), 'an event is read otherwise the second time');
    const person = allowing([CborError, RangeError], () => decodePerson(input));
    if (person !== undefined && person.words.length <= MOST_WORDS)
      hold(isDeepStrictEqual(decodePerson(encodePerson(person)), person), 'a person is read otherwise the second time');
  }),
};

const SEED = Buffer.alloc(32, 9);
const ORIGIN = originOf('ab'.repeat(16));
const PUBLIC = publicKeyOf(SEED);

/** Notes signed with that key: what verifies must be one of them. */
const NOTES = [1, 63, 64, 4096, 999_999].map((size, at) => {
  const root = createHash('sha256').update(String(size)).digest('base64');
  const cites = at % 2 === 0 ? undefined : `${originOf('cd'.repeat(16))} 7 ${root}`;
  return signerOf(SEED, ORIGIN).sign({ origin: ORIGIN, size, root, cites });
});
const SIGNED: ReadonlySet<string> = new Set(NOTES.map((note) => parseCheckpoint(note).text));

/** A checkpoint's note: read in one way only, and a changed one is not held to be signed. */
export const checkpoint: Target = {
  name: 'checkpoint',
  covers: ['gateway/wire/checkpoint.ts', 'gateway/journal/signing.ts'],
  words: ['doorbook/log/', 'cites ', '— ', '\n\n', '\n', '=', '0', '9007199254740992'],
  make: (random) => Buffer.from(random.any(NOTES) ?? ''),
  open: plain((input) => {
    const read = allowing([FieldError], () => parseCheckpoint(input.toString('utf8')));
    if (read === undefined) return;
    hold(checkpointText(read) === read.text, 'a note with two forms');
    if (isSignedBy(read, PUBLIC)) hold(SIGNED.has(read.text), `held to be signed: ${read.text}`);
  }),
};
