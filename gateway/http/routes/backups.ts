import path from 'node:path';
import { besideOf } from '../../backup/folders.ts';
import type { BackupWish } from '../../backup/make.ts';
import type { App } from '../app-type.ts';
import { PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { BackupAsk, BackupState } from '../schemas/backups.ts';
import type { Site } from '../site.ts';
import { LOCAL_OPERATOR, type Viewer } from '../viewer.ts';

/** Where a backup goes. Only who sits at this computer may name a folder: anybody else could have the gateway write wherever it may. */
function wishOf({ deps: { config } }: Site, viewer: Viewer, { dir, keysDir, keep }: BackupAsk): Omit<BackupWish, 'data'> {
  const { backup } = config;
  if (dir === undefined && keysDir === undefined) {
    if (backup === undefined) throw refusal('BAD_INPUT', { field: 'dir', expected: 'BACKUP_DIR' });
    return { dir: backup.dir, keysDir: backup.keysDir, keep: keep ?? backup.keep };
  }
  if (viewer !== LOCAL_OPERATOR) throw refusal('NOT_ALLOWED');
  const folder = dir ?? backup?.dir;
  const keys = keysDir ?? (dir === undefined ? backup?.keysDir : besideOf(dir));
  if (folder === undefined || !path.isAbsolute(folder)) throw refusal('BAD_INPUT', { field: 'dir', expected: '/…' });
  if (keys === undefined || !path.isAbsolute(keys)) throw refusal('BAD_INPUT', { field: 'keysDir', expected: '/…' });
  return { dir: path.resolve(folder), keysDir: path.resolve(keys), keep: keep ?? backup?.keep ?? KEEP };
}

/** Backups kept unless one says otherwise: two weeks of nights. */
const KEEP = 14;

/** Backups of the running gateway. */
export function backupRoutes(app: App, site: Site): void {
  const { backups } = site;
  app.addHook('onClose', () => backups.close());

  app.get(
    '/backups',
    {
      config: may('key', 'X', 'site'),
      schema: { summary: 'How a backup stands, and how the last one came out', response: { 200: BackupState, ...PROBLEMS } },
    },
    async () => backups.state(),
  );

  app.post(
    '/backups',
    {
      config: may('key', 'X', 'site', { strong: true }),
      schema: { summary: 'Make a backup of databases and keys; goes on in the background', body: BackupAsk, response: { 200: BackupState, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const wish = wishOf(site, viewer, request.body);
      if (!backups.state().running) await site.audit.acted(viewer, 'backup-begun');
      return backups.start(wish);
    },
  );
}
