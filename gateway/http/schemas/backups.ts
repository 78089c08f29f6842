import { type Static, Type } from 'typebox';

const path = (what: string) =>
  Type.String({ minLength: 1, maxLength: 1000, description: `${what}, absolute. Only the operator on this computer may name one; left out: as set by BACKUP_DIR` });

/** POST /api/v1/backups */
export const BackupAsk = Type.Object(
  {
    dir: Type.Optional(path('Folder for the databases')),
    keysDir: Type.Optional(path('Folder for the keys, on another medium')),
    keep: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Backups kept in the folder' })),
  },
  { additionalProperties: false },
);
export type BackupAsk = Static<typeof BackupAsk>;

/** What a backup is at. */
export const BackupStep = Type.Union([Type.Literal('waiting'), Type.Literal('copying'), Type.Literal('checking'), Type.Literal('keys'), Type.Literal('done')]);
export type BackupStep = Static<typeof BackupStep>;

/** How the newest backup came out. */
export const LastBackup = Type.Object({
  at: Type.Integer({ description: 'Epoch ms' }),
  dir: Type.String(),
  keysDir: Type.String(),
  bytes: Type.Integer(),
  ok: Type.Boolean(),
  error: Type.Optional(Type.String({ description: 'Why it is not good' })),
});
export type LastBackup = Static<typeof LastBackup>;

/** GET /api/v1/backups, and the answer to asking for one. */
export const BackupState = Type.Object({
  running: Type.Boolean(),
  step: BackupStep,
  copied: Type.Integer({ description: 'Bytes copied so far' }),
  total: Type.Integer({ description: 'Bytes to copy' }),
  last: Type.Optional(LastBackup),
});
export type BackupState = Static<typeof BackupState>;
