import { afterEach, describe, expect, test } from 'vitest';
import { signedIn, type World, world } from './fixture.ts';

let here: World;
afterEach(() => here.close());

const local = { authorization: 'Bearer local-token-of-this-run', 'content-type': 'application/json' };
const asLocal = async (body: object) => {
  const answer = await here.app.inject({ method: 'POST', url: '/api/v1/backups', headers: local, payload: JSON.stringify(body) });
  return { status: answer.statusCode, json: answer.json() };
};
const said = (): (string | undefined)[] => here.journal.entries.map(({ event }) => event.what).filter((what) => what?.startsWith('backup-'));

describe('asking for a backup over the API', () => {
  test('nobody but the operator on this computer names a folder', async () => {
    here = await world({ config: { backup: { dir: '/nowhere/backups', keysDir: '/nowhere/keys', keep: 3, at: 0 } } });
    const admin = await signedIn(here, 'SA');
    expect(await admin.ask('POST', 'backups', { dir: '/etc' })).toMatchObject({ status: 403, json: { code: 'NOT_ALLOWED' } });
    expect(await admin.ask('POST', 'backups', { keysDir: '/etc' })).toMatchObject({ status: 403 });
    expect(said()).toEqual([]);
  });

  test('needs a whole path, or one that is set', async () => {
    here = await world();
    expect(await asLocal({})).toMatchObject({ status: 400, json: { field: 'dir', expected: 'BACKUP_DIR' } });
    expect(await asLocal({ dir: 'backups' })).toMatchObject({ status: 400, json: { field: 'dir' } });
    expect(await asLocal({ dir: '/a', keysDir: 'keys' })).toMatchObject({ status: 400, json: { field: 'keysDir' } });
    expect(said()).toEqual([]);
  });

  test('is in the log before it begins; with a log that takes nothing none begins', async () => {
    here = await world({ config: { backup: { dir: '/proc/backups', keysDir: '/proc/keys', keep: 3, at: 0 } } });
    const admin = await signedIn(here, 'SA');
    here.log.broken = true;
    expect((await admin.ask('POST', 'backups', {})).status).toBe(503);
    here.log.broken = false;
    expect(await admin.ask('POST', 'backups', {})).toMatchObject({ status: 200, json: { running: true } });
    expect(said()).toEqual(['backup-begun']);
    await here.site.backups.close();
  });

  test.each(['AU', 'PO', 'OF', 'DA', 'LL'] as const)('%s may not', async (role) => {
    here = await world();
    const other = await signedIn(here, role);
    expect([(await other.ask('POST', 'backups', {})).status, (await other.ask('GET', 'backups')).status]).toEqual([403, 403]);
  });
});
