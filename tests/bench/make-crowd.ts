import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CROWD_FILE } from '../../firmware-sim/crowd-file.ts';
import { doorPin } from './servers.ts';
import { makeDistrict } from './site.ts';

const ROAMED = 200;
/** Ports of a gateway that is not told others (README). */
const PORTS = { port: 1883, securePort: 8883 } as const;

/** Fills a new data directory with so many registered controllers, their doors, tenants and cards, and puts their secrets beside it. Throws a sentence when the folder holds something. */
export async function makeCrowd(folder: string, controllers: number, print: (line: string) => void): Promise<void> {
  const data = resolve(folder);
  if (existsSync(data) && readdirSync(data).length > 0) throw new Error(`--make: expected a new or empty folder, ${data} holds something`);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const { devices, cards } = await makeDistrict(controllers, ROAMED, data);
  const crowd = { host: '127.0.0.1', ...PORTS, pin: doorPin(data), devices, cards };
  writeFileSync(join(data, CROWD_FILE), JSON.stringify(crowd), { mode: 0o600 });
  print(`${devices.length} controllers in ${data}`);
  print(`DOORBOOK_DATA=${data} npm start`);
  print(`npm run sim -- fleet --data ${data} --rate 1000`);
}
