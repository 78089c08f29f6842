import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FieldError } from '../gateway/wire/fields.ts';
import { type Difference, NOT_COMPARED } from './compare-replay.ts';
import { fitController, fittedController } from './fitted.ts';
import type { FleetFile } from './fleet-file.ts';
import { wordsOf } from './options.ts';
import { readRecording } from './recording.ts';
import { replay } from './replay.ts';

/** How to use it. */
export const REPLAY_HELP = "replay FILE --offer 'doorbook:enrol?…' | --data FOLDER";

const said = (value: unknown): string => (value === undefined ? '没有 nothing' : JSON.stringify(value));

function lineOf({ what, field, was, is }: Difference): string {
  return `≠ ${what}${field === '' ? '' : ` ${field}`}：当时 then ${said(was)}，现在 now ${said(is)}`;
}

/** `replay`: plays a recording against a gateway and prints what it said otherwise; 1 when it did. */
export async function runReplay(args: readonly string[], print: (line: string) => void): Promise<number> {
  const words = wordsOf(args, { values: ['offer', 'data'], flags: [] });
  const [file, extra] = words.plain;
  const [offer, data] = [words.text('offer'), words.text('data')];
  if (file === undefined || extra !== undefined || (offer === undefined) === (data === undefined)) throw new FieldError('replay', REPLAY_HELP);
  const recording = readRecording(file);
  const scratch = mkdtempSync(join(tmpdir(), 'doorbook-replay-'));
  try {
    const settings: FleetFile = offer === undefined ? fittedController(data ?? '') : await fitController(offer, scratch, recording.head.doors);
    const differences = await replay(recording, settings);
    for (const difference of differences) print(lineOf(difference));
    print(`${differences.length} 处不同 differences · 不比 not compared: ${NOT_COMPARED}`);
    return differences.length === 0 ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
