import type { Target } from './attack.ts';

/** An attacked export: the lines, and the first that is another. Undefined: the attack came to nothing (it changed nothing). */
export interface Attacked {
  readonly lines: readonly string[];
  readonly from: number;
}

/** What attacks draw from. `other`: an export of another gateway. */
export interface Ground {
  readonly target: Target;
  readonly other: Target;
  readonly number: (below: number) => number;
}

type Attack = (ground: Ground) => Attacked | undefined;

const isEntry = (line: string): boolean => line.startsWith('[');

/** The lines with some of them taken out from a place on and others put in. */
function spliced(lines: readonly string[], from: number, out: number, put: readonly string[] = []): Attacked {
  return { lines: [...lines.slice(0, from), ...put, ...lines.slice(from + out)], from };
}

/** Place of a random line that passes. */
function placeOf(lines: readonly string[], number: Ground['number'], wanted: (line: string) => boolean): number {
  for (;;) {
    const at = number(lines.length);
    if (wanted(lines[at] ?? '')) return at;
  }
}

const pick = <T>(items: readonly T[], number: Ground['number'], otherwise: T): T => items[number(items.length)] ?? otherwise;

/** An entry's line taken apart. */
interface Entry {
  readonly index: number;
  readonly kind: number;
  readonly flags: number;
  readonly cEvent: string;
  readonly cPerson: string;
  readonly state: string;
}

function entryOf(line: string): Entry {
  const [index, kind, flags, cEvent, cPerson, contents] = JSON.parse(line);
  return { index, kind, flags, cEvent, cPerson, state: contents };
}

function changed(line: string, change: (entry: Entry) => Partial<Entry>): string {
  const { index, kind, flags, cEvent, cPerson, state: contents } = { ...entryOf(line), ...change(entryOf(line)) };
  return JSON.stringify([index, kind, flags, cEvent, cPerson, contents]);
}

/** An entry under the number of another. */
const numbered = (line: string, like: string): string => changed(line, () => ({ index: entryOf(like).index }));

function flipped(base64: string, bit: number): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('base64');
}

function replaced({ lines }: Target, at: number, line: string): Attacked | undefined {
  return line === lines[at] ? undefined : spliced(lines, at, 1, [line]);
}

/** A random character put in the place of another, taken out, or put in. */
const byte: Attack = ({ target, number }) => {
  const at = number(target.lines.length);
  const line = target.lines[at] ?? '';
  const place = number(line.length + 1);
  const char = pick([...'0123456789ABCabc+/="[]{},:\\n- é—\u0000'], number, 'x');
  return replaced(target, at, line.slice(0, place) + pick([char, ''], number, char) + line.slice(place + number(2)));
};

/** One bit of a commitment, or its two commitments swapped, or the kind, the flags, the index. */
const field: Attack = ({ target, number }) => {
  const at = placeOf(target.lines, number, isEntry);
  const line = changed(target.lines[at] ?? '', ({ index, cEvent, cPerson }) => {
    const ways: Partial<Entry>[] = [
      { index: index + pick([-1, 1, 1000], number, 1) },
      { kind: number(256) },
      { flags: number(65_536) },
      { cEvent: cPerson, cPerson: cEvent },
      { cEvent: flipped(cEvent, number(256)) },
      { cPerson: flipped(cPerson, number(256)) },
    ];
    return pick(ways, number, {});
  });
  return replaced(target, at, line);
};

const state: Attack = ({ target, number }) => {
  const at = placeOf(target.lines, number, isEntry);
  return replaced(
    target,
    at,
    changed(target.lines[at] ?? '', () => ({ state: pick(['mm', 'mg', 'mx', 'gg', 'xx'], number, 'mm') })),
  );
};

/** Where a file says how many there are, made to fit: what an attacker without the key can still put right. */
function withCounts(lines: readonly string[]): string[] {
  const sizes: number[] = [];
  for (const line of lines) {
    if (line.startsWith('{"log"')) sizes.push(0);
    else if (isEntry(line)) sizes.push((sizes.pop() ?? 0) + 1);
  }
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let no = -1;
  return lines.map((line) => {
    if (line.startsWith('{"doorbook"')) return JSON.stringify({ ...JSON.parse(line), logs: sizes.length, entries: total });
    if (!line.startsWith('{"log"')) return line;
    no += 1;
    return JSON.stringify({ log: { ...JSON.parse(line).log, size: sizes[no] } });
  });
}

/** Entries numbered anew from a line on, to the end of their log. */
function renumbered(lines: readonly string[], from: number): string[] {
  let next: number | undefined;
  return lines.map((line, at) => {
    if (line.startsWith('{"log"')) next = at < from ? 0 : undefined;
    if (!isEntry(line) || next === undefined) return line;
    next += 1;
    return at < from ? line : line.replace(/^\[\d+/, `[${next - 1}`);
  });
}

const remove: Attack = ({ target, number }) => {
  const at = placeOf(target.lines, number, isEntry);
  return spliced(target.lines, at, 1 + number(pick([1, 1, 5, 200], number, 1)));
};

/** The same, with all numbers made to fit. */
const removeNeatly: Attack = (ground) => {
  const { target, number } = ground;
  const at = placeOf(target.lines, number, isEntry);
  return { lines: withCounts(renumbered(spliced(target.lines, at, 1).lines, at)), from: 0 };
};

const insert: Attack = ({ target, other, number }) => {
  const at = placeOf(target.lines, number, isEntry);
  const own = target.lines[at] ?? '';
  const stranger = other.lines[placeOf(other.lines, number, isEntry)] ?? '';
  const twin = target.lines[placeOf(target.lines, number, isEntry)] ?? '';
  return spliced(target.lines, at, 0, [pick([stranger, twin, own, numbered(stranger, own)], number, twin)]);
};

const swap: Attack = ({ target, number }) => {
  const one = placeOf(target.lines, number, isEntry);
  const two = pick([one + 1, placeOf(target.lines, number, isEntry)], number, one);
  const [from, to] = [Math.min(one, two), Math.max(one, two)];
  const [a = '', b = ''] = [target.lines[from], target.lines[to]];
  if (from === to || !isEntry(b)) return undefined;
  // Lines as they are, or what they say under the numbers that are expected there.
  const [low, high] = number(2) === 0 ? [b, a] : [numbered(b, a), numbered(a, b)];
  return { lines: target.lines.map((line, at) => (at === from ? low : at === to ? high : line)), from };
};

const reverse: Attack = ({ target, number }) => {
  const at = placeOf(target.lines, number, isEntry);
  const run = target.lines.slice(at, at + 2 + number(6));
  return spliced(target.lines, at, run.length, [...run].reverse());
};

/** An entry of another gateway's log, or of another place of this one, under the number that is expected. */
const splice: Attack = ({ target, other, number }) => {
  const at = placeOf(target.lines, number, isEntry);
  const source = pick([target, other], number, other);
  const { cEvent, cPerson } = entryOf(source.lines[placeOf(source.lines, number, isEntry)] ?? '');
  return replaced(
    target,
    at,
    changed(target.lines[at] ?? '', () => ({ cEvent, cPerson })),
  );
};

const isNote = (line: string): boolean => line.startsWith('{"checkpoint"');

/** A checkpoint replaced by an earlier or later one, by another gateway's, or said to be over another size. */
const checkpoint: Attack = ({ target, other, number }) => {
  const at = placeOf(target.lines, number, isNote);
  const line = target.lines[at] ?? '';
  const source = pick([target, other], number, other);
  const resized = line.replace(/\\n(\d+)\\n/, (_, size: string) => `\\n${Number(size) + pick([-1, 1], number, 1)}\\n`);
  return replaced(target, at, pick([source.lines[placeOf(source.lines, number, isNote)] ?? '', resized], number, resized));
};

const isLog = (line: string): boolean => line.startsWith('{"log"');

/** The line of a log changed: its key, id, size, first entry, or what it cites. */
const logLine: Attack = ({ target, other, number }) => {
  const at = placeOf(target.lines, number, isLog);
  const own = JSON.parse(target.lines[at] ?? '').log;
  const theirs = JSON.parse(other.lines[placeOf(other.lines, number, isLog)] ?? '').log;
  const other64 = String(own.cites).replace(/ \d+ /, ' 7 ');
  const change = pick(
    [
      { key: theirs.key },
      { logId: theirs.logId },
      { origin: theirs.origin },
      { size: own.size + 1 },
      { first: own.first + 1 },
      { cites: theirs.cites },
      { cites: other64 },
      theirs,
    ],
    number,
    theirs,
  );
  return replaced(target, at, JSON.stringify({ log: { ...own, ...change } }));
};

const anyLine: Attack = ({ target, number }) => {
  const [from, to] = [number(target.lines.length), number(target.lines.length)];
  const lines = [...target.lines];
  const [moved = ''] = lines.splice(from, 1);
  lines.splice(to, 0, moved);
  return from === to || target.lines[from] === target.lines[to] ? undefined : { lines, from: Math.min(from, to) };
};

/** The file ends early, with its last line put at the end again, and all numbers made to fit or not. */
export function truncatedAt({ lines }: Target, at: number, neatly: boolean): Attacked {
  const cut = [...lines.slice(0, at), lines.at(-1) ?? ''];
  return neatly ? { lines: withCounts(cut), from: 0 } : { lines: cut, from: at };
}

/** With the places of all checkpoints that say otherwise. */
const removeBarely: Attack = (ground) => {
  const attacked = removeNeatly(ground);
  return attacked && { ...attacked, lines: attacked.lines.filter((line) => !isNote(line)) };
};

const insertNeatly: Attack = ({ target, other, number }) => {
  const at = placeOf(target.lines, number, isEntry);
  const stranger = numbered(other.lines[placeOf(other.lines, number, isEntry)] ?? '', target.lines[at] ?? '');
  return { lines: withCounts(renumbered(spliced(target.lines, at, 0, [stranger]).lines, at + 1)), from: 0 };
};

/** Kind, flags and commitments of an entry made others, its number left as it is. */
const rewrite: Attack = (ground) => {
  const { target, number } = ground;
  const attacked = pick([field, splice], number, splice)(ground);
  const line = attacked?.lines[attacked.from] ?? '';
  return attacked !== undefined && line.split(',')[0] === target.lines[attacked.from]?.split(',')[0] ? attacked : undefined;
};

/** Attacks on what the log says: found by the tree and the checkpoints alone. */
export const ON_LOG: Readonly<Record<string, Attack>> = { field, remove, insert, swap, reverse, splice, checkpoint, logLine };
/** The same with every number made to fit, so that the whole file must be read. */
export const NEAT: Readonly<Record<string, Attack>> = { removeNeatly, removeBarely, insertNeatly };
/** Another history, for whoever can sign it. */
export const HISTORY: Readonly<Record<string, Attack>> = { rewrite, removeNeatly, removeBarely, insertNeatly };
/** Attacks on any byte of the file, also where the exporter alone vouches. */
export const ON_FILE: Readonly<Record<string, Attack>> = { byte, anyLine, state };
