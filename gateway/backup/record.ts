import path from 'node:path';
import type { LastBackup } from '../http/schemas/backups.ts';
import { replaceFile } from '../store/durable-file.ts';

/** Notes in `DATA/backups.json` how the newest backup came out: what `doctor`, the alarms and `/metrics` go by. */
export const recordBackup = (data: string, last: LastBackup): void => replaceFile(path.join(data, 'backups.json'), Buffer.from(`${JSON.stringify({ last })}\n`));
