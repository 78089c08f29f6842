import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Identity, type Offer, readOffer } from '../gateway/wire/mqtt/enrol.ts';
import { replaceFile } from './durable-file.ts';
import { enrol } from './enrol.ts';
import { type FleetFile, readFleetFile } from './fleet-file.ts';

/** What the simulated controller says it is. */
const MODEL = 'doorbook-sim';
const FIRMWARE = '1.0';
const PRIVATE_KEY_BYTES = 32;

const settingsOf = (dir: string): string => join(dir, 'controller.json');
const keyOf = (dir: string): string => join(dir, 'key');

/** The device's own key, kept until it is enrolled: a trade that was cut off is tried again with the same, and is the same trade. Any 32 random bytes but one in 2³² are a key of P-256. */
function ownKey(dir: string): Uint8Array {
  const file = keyOf(dir);
  if (!existsSync(file)) replaceFile(file, randomBytes(PRIVATE_KEY_BYTES));
  return readFileSync(file);
}

/**
 * Where events are kept. Another secret for the same controller keeps them: what waits is told under the new one. A
 * device that becomes another controller begins anew, or its events would be told of another door.
 */
function storeFor(dir: string, { site, device }: Identity): string {
  const before = existsSync(settingsOf(dir)) ? readFleetFile(settingsOf(dir)) : undefined;
  const same = before?.devices.some((known) => known.device === device && known.site === site) === true;
  return same && before !== undefined ? before.storeDir : join(dir, `store-${randomBytes(4).toString('hex')}`);
}

/** Keeps who the device is from now on, whole or not at all; then its key is not needed any more. */
export function keepIdentity(dir: string, { host, port, pin }: Omit<Offer, 'code'>, { identity, doors }: { readonly identity: Identity; readonly doors: number }): FleetFile {
  const { site, device, secret, list } = identity;
  const settings: FleetFile = {
    mqtt: { host, port, pin: pin === '' ? undefined : pin },
    walk: undefined,
    socket: join(dir, 'sim.sock'),
    storeDir: storeFor(dir, identity),
    devices: [{ device, site, secretHex: secret, listKeyHex: list, doors: Array.from({ length: doors }, (_, at) => ({ number: at + 1, code: `DOOR${at + 1}` })) }],
  };
  mkdirSync(settings.storeDir, { recursive: true, mode: 0o700 });
  replaceFile(settingsOf(dir), Buffer.from(`${JSON.stringify(settings, undefined, 2)}\n`));
  rmSync(keyOf(dir), { force: true });
  return settings;
}

/**
 * Trades the code of an offer and keeps in a folder what makes a controller of it: where the gateway is, its pin, identity
 * and secret. A controller that is in the folder already stays what it is until the trade is done. Rejects with a sentence
 * for a person, EnrolRefused among them.
 */
export async function fitController(text: string, folder: string, doors: number): Promise<FleetFile> {
  const offer = readOffer(text);
  const dir = resolve(folder);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return keepIdentity(dir, offer, { identity: await enrol(offer, { privateKey: ownKey(dir), model: MODEL, fw: FIRMWARE, doors }), doors });
}

/** Is there a controller in a folder? */
export const isFitted = (folder: string): boolean => existsSync(settingsOf(resolve(folder)));

/** The controller in a folder. Throws a sentence for a person when there is none. */
export function fittedController(folder: string): FleetFile {
  if (!isFitted(folder)) throw new Error(`${resolve(folder)} 里没有控制器。 There is no controller in ${resolve(folder)}.`);
  return readFleetFile(settingsOf(resolve(folder)));
}
