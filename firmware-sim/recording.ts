import { readFileSync } from 'node:fs';
import { FieldError, list, oneOf, type ReadBy, type Reader, record, text, whole } from '../gateway/wire/fields.ts';
import type { RecordHead, RecordLine } from './recorder.ts';

const MAX = Number.MAX_SAFE_INTEGER;
const head = record({ recording: oneOf(1), device: text(/^.{1,64}$/, 'a device id'), doors: whole(1, 8), began: whole(0, MAX) });
const linkLine = record({ at: whole(0, MAX), dir: oneOf('link'), up: oneOf(true, false) });
const body: Reader<Readonly<Record<string, unknown>>> = (value, field) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FieldError(field, 'an object');
  return { ...value };
};
const messageLine = record({ at: whole(0, MAX), dir: oneOf('up', 'down'), tail: text(/^[a-z/]{1,24}$/, 'the tail of a topic'), body });
const way = record({ dir: oneOf('up', 'down', 'link') });
const line: Reader<RecordLine> = (value, field) => (way(value, field).dir === 'link' ? linkLine(value, field) : messageLine(value, field));
const LINES_MAX = 1_000_000;
const lines = list(line, LINES_MAX);

/** A recording, read back. */
export interface Recording {
  readonly head: RecordHead;
  readonly lines: readonly RecordLine[];
}
/** A message of a recording. */
export type MessageLine = ReadBy<typeof messageLine>;

const parsed = (text: string, at: number): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new FieldError(`line ${at + 1}`, 'one JSON object');
  }
};

/** Reads a recording. Throws FieldError naming the line, or what the file system throws. A last line that was cut short is left out. */
export function readRecording(file: string): Recording {
  const all = readFileSync(file, 'utf8').split('\n');
  const [first = '', ...rest] = all.slice(0, -1);
  return {
    head: head(parsed(first, 0), 'line 1'),
    lines: lines(
      rest.map((one, at) => parsed(one, at + 1)),
      'line',
    ),
  };
}
