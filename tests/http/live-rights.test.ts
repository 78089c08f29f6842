import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ANYBODY } from '../../gateway/core/matrix.ts';
import { ROLES } from '../../gateway/core/roles.ts';
import { JOBS, repeat } from '../../gateway/http/jobs.ts';
import { LIVE_RIGHTS, mayHear } from '../../gateway/http/live-rights.ts';
import type { Declared } from '../../gateway/http/permissions.ts';
import { LiveMessage } from '../../gateway/http/schemas/ledger.ts';

const GATEWAY = path.join(import.meta.dirname, '../../gateway');
const sources = (folder: string): string[] =>
  readdirSync(path.join(GATEWAY, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));
const count = (file: string, words: string): number => readFileSync(path.join(GATEWAY, file), 'utf8').split(words).length - 1;
const declared = (entry: Declared): unknown[] => [entry.data, entry.action, entry.of, entry.roles === ANYBODY ? [] : entry.roles.length > 0];

describe('every message of the live feed', () => {
  test('declares data, action and scope: the kinds of the schema, and no other', () => {
    const kinds = LiveMessage.anyOf.map(({ properties }) => properties.t.const);
    expect(Object.keys(LIVE_RIGHTS).sort()).toEqual([...kinds].sort());
    for (const entry of Object.values(LIVE_RIGHTS)) expect(declared(entry)).toEqual([expect.any(String), expect.any(String), 'list', true]);
  });

  test('of a kind that declares nothing is not sent', () => {
    // @ts-expect-error a kind that is not in the table does not compile
    const kind: Parameters<typeof mayHear>[1] = 'secrets';
    expect(() => mayHear({ role: 'SA', pairs: undefined }, kind)).toThrow('live message secrets declares no data, action and scope');
  });

  test('goes to the roles of the matrix, and by a personal token only with its pair', () => {
    expect(ROLES.filter((role) => mayHear({ role, pairs: undefined }, 'lines'))).toEqual(['LL', 'BL', 'OF', 'SA']);
    expect(ROLES.filter((role) => mayHear({ role, pairs: undefined }, 'doors'))).toEqual(['LL', 'BL', 'OF', 'SA']);
    expect(mayHear({ role: 'LL', pairs: new Set(['door:R']) }, 'doors')).toBe(true);
    expect(mayHear({ role: 'LL', pairs: new Set(['door:R']) }, 'lines')).toBe(false);
  });

  test('passes one place', () => {
    const sending = sources('http').flatMap((file) => Array.from({ length: count(file, 'socket.send(') }, () => file));
    expect(sending).toEqual(['http/live.ts']);
  });
});

describe('every job', () => {
  afterEach(() => void vi.useRealTimers());

  test('declares data, action and scope', () => {
    expect(Object.keys(JOBS)).toContain('roster-import');
    for (const [name, entry] of Object.entries(JOBS)) expect(declared(entry), name).toEqual([expect.any(String), expect.any(String), expect.any(String), true]);
  });

  test('that declares nothing does not start', () => {
    // @ts-expect-error a job that is not in the table does not compile
    const name: Parameters<typeof repeat>[0] = 'mine-bitcoin';
    const start = () =>
      repeat(
        name,
        1,
        async () => undefined,
        () => undefined,
      );
    expect(start).toThrow('job mine-bitcoin declares no data, action and scope');
  });

  test('of the desk side is started by name: nothing there has a clock of its own', () => {
    const files = ['desk.ts', ...sources('http'), ...sources('register'), ...sources('exchange')];
    expect(files.filter((file) => count(file, 'setInterval(') > 0)).toEqual(['http/jobs.ts']);
  });

  test('is done every so often, one turn at a time, and goes on after an error', async () => {
    vi.useFakeTimers();
    const turns: (() => void)[] = [];
    const errors: string[] = [];
    const job = repeat(
      'live-beat',
      10,
      () =>
        new Promise((resolve, reject) => {
          turns.push(turns.length === 0 ? () => reject(new Error('once')) : () => resolve());
        }),
      (error, where) => errors.push(`${where}: ${error instanceof Error ? error.message : ''}`),
    );
    await vi.advanceTimersByTimeAsync(35);
    expect(turns).toHaveLength(1);
    turns[0]?.();
    await vi.advanceTimersByTimeAsync(10);
    expect([turns.length, errors]).toEqual([2, ['live-beat: once']]);
    job.stop();
    turns[1]?.();
    await vi.advanceTimersByTimeAsync(50);
    expect(turns).toHaveLength(2);
  });
});
