import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LoadPlan, LoadResult } from './mqtt-load.ts';

/** Taps from a process of its own. Rejects when one was not answered. */
export async function tapLoad(port: number, site: Pick<LoadPlan, 'devices' | 'cards'>, shape: Pick<LoadPlan, 'rate' | 'outstanding' | 'seconds'>): Promise<LoadResult> {
  const plan: LoadPlan = { port, devices: site.devices, cards: site.cards.slice(0, CARDS_MAX), ...shape };
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL('./mqtt-load.js', import.meta.url)), JSON.stringify(plan)], { maxBuffer: 1 << 20 });
  const result: LoadResult = JSON.parse(stdout);
  if (result.answered < result.sent) throw new Error(`${result.sent - result.answered} of ${result.sent} requests were not answered`);
  return result;
}

/** The plan travels on a command line. */
const CARDS_MAX = 400;
