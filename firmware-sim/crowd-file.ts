import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FieldError, list, type ReadBy, type Reader, record, text, whole } from '../gateway/wire/fields.ts';
import type { Reading } from '../gateway/wire/mqtt/reading.ts';
import { parseCard } from './cards.ts';

const wireId = text(/^[a-z0-9][a-z0-9-]{0,23}$/, '1 to 24 of a-z, 0-9 and hyphen');
const card: Reader<Reading> = (value, field) => {
  const reading = typeof value === 'string' ? parseCard(value) : undefined;
  if (reading === undefined) throw new FieldError(field, 'a card number of 6, 8, 10 or 14 hex digits');
  return reading;
};
const crowdFile = record({
  host: text(/^[^\s]{1,255}$/, 'a host name'),
  /** Ports of the gateway, and the pin of its key. */
  port: whole(1, 65_535),
  securePort: whole(1, 65_535),
  pin: text(/^[A-Za-z0-9_-]{43}$/, 'a pin of 43 letters'),
  devices: list(
    record({ device: wireId, site: wireId, secretHex: text(/^[0-9a-f]{64}$/, '64 lower-case hex digits'), listKeyHex: text(/^[0-9a-f]{64}$/, '64 lower-case hex digits') }),
    100_000,
  ),
  /** Cards that are tapped. */
  cards: list(card, 1_000_000),
});

/** Thousands of controllers that a gateway has in its register, with their secrets, and cards to tap. Made by `npm run bench -- --make DIR`. */
export type CrowdFile = ReadBy<typeof crowdFile>;

/** Name of the file in the data directory it belongs to. */
export const CROWD_FILE = 'crowd.json';

/** The crowd of a data directory. Throws a sentence for a person when there is none, FieldError when it is not one. */
export function readCrowd(dir: string): CrowdFile {
  const file = join(dir, CROWD_FILE);
  if (!existsSync(file)) throw new Error(`--data: ${dir} 里没有 ${CROWD_FILE}。 There is no ${CROWD_FILE} in ${dir}. npm run bench -- --make ${dir} --controllers 5000`);
  return crowdFile(JSON.parse(readFileSync(file, 'utf8')), '');
}
