import { expect } from 'vitest';
import { explain } from '../../docs/verify.mjs';
import { findCheckpointKey } from '../../gateway/store/checkpoint-key.ts';
import { arena, type Power, type Target } from './attack.ts';
import { type Attacked, type Ground, truncatedAt } from './kinds.ts';
import { exported, makeJournal, numbersFrom, remove } from './logs.ts';

/** Two gateways, each with two logs of 2,000 entries in all, the days before some of one destroyed; the newest checkpoint of each is outside. */
export async function ground(seed: number): Promise<Ground> {
  async function target(destroyDays: number): Promise<Target> {
    const place = await makeJournal({ sizes: [1200, 800], destroyDays });
    const { lines, newest } = exported(place);
    const found = { lines, note: newest.note, seed: findCheckpointKey(place.keysDir) ?? new Uint8Array() };
    remove(place);
    return found;
  }
  return { target: await target(3), other: await target(0), number: numbersFrom(seed) };
}

/** How often each thing was what was found first. */
export type Tally = Map<string, number>;

/** A sentence a person can read, in both languages. */
function expectWords(fault: Parameters<typeof explain>[0]): void {
  for (const language of ['zh', 'en'] as const) expect(explain(fault, language)).toMatch(/^(?!.*(undefined|NaN|\[object)).{6,}$/s);
}

type Kinds = Readonly<Record<string, (ground: Ground) => Attacked | undefined>>;

/** Tries so many attacks of these kinds. Fails at the first that goes through. */
export function campaign(on: Ground, kinds: Kinds, { times, power }: { readonly times: number; readonly power: Power }): Tally {
  const tally: Tally = new Map();
  const { finding } = arena(on.target);
  const names = Object.keys(kinds);
  for (let tried = 0; tried < times; ) {
    const name = names[on.number(names.length)] ?? '';
    const attacked = kinds[name]?.(on);
    if (attacked === undefined) continue;
    tried += 1;
    const first = finding(attacked.lines, attacked.from, power);
    if (first === undefined) {
      const at = attacked.lines.findIndex((line, place) => line !== on.target.lines[place]);
      expect.fail(`${name} went through: line ${at + 1} ${on.target.lines[at]} → ${attacked.lines[at]}`);
    }
    if (!tally.has(first.code)) expectWords(first);
    tally.set(first.code, (tally.get(first.code) ?? 0) + 1);
  }
  return tally;
}

/** Cuts the file at these lines, crudely and with all numbers made to fit. */
export function cutEverywhere({ target }: Ground, power: Power, step: number): Tally {
  const tally: Tally = new Map();
  const { finding } = arena(target);
  for (let at = 2; at < target.lines.length - 1; at += step) {
    for (const neatly of [false, true]) {
      const { lines, from } = truncatedAt(target, at, neatly);
      const first = finding(lines, from, power);
      if (first === undefined) expect.fail(`cut at line ${at}, ${neatly ? 'neatly' : 'crudely'}, went through`);
      tally.set(first.code, (tally.get(first.code) ?? 0) + 1);
    }
  }
  return tally;
}
