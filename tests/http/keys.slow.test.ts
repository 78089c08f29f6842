import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadKeys } from '../../gateway/store/keys.ts';
import path from 'node:path';
import { signedIn, type World, world } from './fixture.ts';

let here: World;
beforeEach(async () => {
  here = await world();
});
afterEach(() => here.close());

const numbers = (): number[] => loadKeys(path.join(here.register.dir, 'keys')).vault.map(({ n }) => n);
const said = (): (string | undefined)[] => here.journal.entries.map(({ event }) => event.what).filter((what) => what?.startsWith('keys-'));

describe('changing the keys over the API', () => {
  test('the operator begins it and sees how it stands; it is in the log before anything is done', async () => {
    const admin = await signedIn(here, 'SA');
    expect((await admin.ask('GET', 'keys')).json).toEqual({ state: 'idle', key: 1, rows: 0 });
    const begun = await admin.ask('POST', 'keys/rotate');
    expect([begun.status, begun.json['state'], begun.json['key']]).toEqual([200, 'running', 2]);
    expect(numbers()).toEqual([2, 1]);
    expect(said()).toEqual(['keys-rotation-began']);
    expect((await admin.ask('GET', 'keys')).json['state']).toBe('running');
  });

  test('needs a second factor that is not older than ten minutes', async () => {
    const admin = await signedIn(here, 'SA');
    here.time.now += 11 * 60_000;
    expect((await admin.ask('POST', 'keys/rotate')).json['code']).toBe('SECOND_FACTOR');
    expect(numbers()).toEqual([1]);
  });

  test.each(['AU', 'PO', 'OF', 'DA', 'LL'] as const)('%s may not', async (role) => {
    const other = await signedIn(here, role);
    expect([(await other.ask('POST', 'keys/rotate')).status, (await other.ask('GET', 'keys')).status]).toEqual([403, 403]);
  });

  test('with a log that takes no entries nothing is changed', async () => {
    const admin = await signedIn(here, 'SA');
    here.log.broken = true;
    expect((await admin.ask('POST', 'keys/rotate')).status).toBe(503);
    expect([numbers(), here.site.keyRotations.status().state]).toEqual([[1], 'idle']);
  });
});
