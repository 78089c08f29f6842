import { createECDH, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readOffer } from '../gateway/wire/mqtt/enrol.ts';
import { enrol } from './enrol.ts';
import { type FleetFile, readFleetFile } from './fleet-file.ts';

/** What the simulated controller says it is. */
const MODEL = 'doorbook-sim';
const FIRMWARE = '1.0';
const PRIVATE_KEY_BYTES = 32;
const OWNER_ONLY = { mode: 0o600 } as const;

const settingsOf = (dir: string): string => join(dir, 'controller.json');

/** The device's own key, made once: a trade that was cut off is tried again with the same, and is the same trade. */
function ownKey(dir: string): Uint8Array {
  const file = join(dir, 'key');
  if (existsSync(file)) return readFileSync(file);
  const keys = createECDH('prime256v1');
  keys.generateKeys();
  // Without the zeros in front that a number would lose.
  const key = Buffer.concat([Buffer.alloc(PRIVATE_KEY_BYTES), keys.getPrivateKey()]).subarray(-PRIVATE_KEY_BYTES);
  writeFileSync(file, key, OWNER_ONLY);
  return key;
}

/** Trades the code of an offer and keeps in a folder what makes a controller of it: where the gateway is, its pin, identity and secret. Rejects with a sentence for a person. */
export async function fitController(text: string, folder: string, doors: number): Promise<FleetFile> {
  const offer = readOffer(text);
  const dir = resolve(folder);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (existsSync(settingsOf(dir))) throw new Error(`${dir} 里已经有一个控制器。 There is a controller in ${dir} already.`);
  const { site, device, secret, list } = await enrol(offer, { privateKey: ownKey(dir), model: MODEL, fw: FIRMWARE, doors });
  const { host, port, pin } = offer;
  const settings: FleetFile = {
    mqtt: { host, port, pin: pin === '' ? undefined : pin },
    walk: undefined,
    socket: join(dir, 'sim.sock'),
    storeDir: join(dir, `store-${randomBytes(4).toString('hex')}`),
    devices: [{ device, site, secretHex: secret, listKeyHex: list, doors: Array.from({ length: doors }, (_, at) => ({ number: at + 1, code: `DOOR${at + 1}` })) }],
  };
  mkdirSync(settings.storeDir, { mode: 0o700 });
  writeFileSync(settingsOf(dir), `${JSON.stringify(settings, undefined, 2)}\n`, OWNER_ONLY);
  return settings;
}

/** The controller in a folder. Throws a sentence for a person when there is none. */
export function fittedController(folder: string): FleetFile {
  const file = settingsOf(resolve(folder));
  if (!existsSync(file)) throw new Error(`${resolve(folder)} 里没有控制器。 There is no controller in ${resolve(folder)}.`);
  return readFleetFile(file);
}
