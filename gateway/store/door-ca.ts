import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Kept, keyFile } from './key-file.ts';
import { StoreError } from './sqlite.ts';

/** The key that signs the certificates of the port for controllers. `key`: PKCS #8, DER. */
type DoorKey = Kept & { readonly key: Buffer };

const FORMAT = 'doorbook-door-ca/1';
const checkOf = (key: Buffer): string => createHash('sha256').update(FORMAT).update(key).digest('hex');

const file = keyFile<DoorKey>({
  names: ['door-ca.json', 'door-ca-mirror.json'],
  encode: ({ generation, key }) => `${JSON.stringify({ format: FORMAT, generation, key: key.toString('base64'), check: checkOf(key) }, undefined, 2)}\n`,
  decode(text) {
    try {
      const body: Record<string, unknown> = Object(JSON.parse(text));
      const key = Buffer.from(String(body['key']), 'base64');
      return body['format'] === FORMAT && body['check'] === checkOf(key) ? { generation: Number(body['generation']), key } : undefined;
    } catch {
      return undefined;
    }
  },
});

const privateKey = (key: Buffer): KeyObject => createPrivateKey({ key, format: 'der', type: 'pkcs8' });

/**
 * The key controllers know the gateway by, from `DATA/keys`, made when there is none: P-256, kept twice as the others
 * are, and part of every backup of that folder. For the main thread. Throws StoreError when files are there and neither
 * copy is good: a new key would shut out every controller there is.
 */
export function ownDoorKey(dir: string): KeyObject {
  const { best, there } = file.settle(dir);
  if (best !== undefined) return privateKey(best.key);
  if (there) throw new StoreError(`The key controllers know this gateway by is damaged in both copies in ${dir}. Restore door-ca.json from a backup of this folder.`);
  const made = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  file.write(dir, { generation: 1, key: made.export({ format: 'der', type: 'pkcs8' }) });
  return made;
}
