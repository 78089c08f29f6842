import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json, absolute. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where the scripts remember what is up to date. `npm ci` clears it together with what it describes. */
export const cache = path.join(root, 'node_modules', '.cache', 'doorbook');
