/**
 * Child of the failing-io tests: for each message it opens a journal, lets people tap at doors along the unlock path until
 * the log has taken entries three times in a row, and sends back what the doors were told and which alarms were raised.
 *
 *   fork('io-load.mjs', [DATA])   DATA: a site with a register; its journal is not touched
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAccessIndex } from '../../dist/gateway/core/access-index.js';
import { openJournal } from '../../dist/gateway/journal/client.js';
import { openIndexSource } from '../../dist/gateway/store/index-source.js';
import { loadKeys } from '../../dist/gateway/store/keys.js';
import { createVault } from '../../dist/gateway/store/vault.js';
import { unlock } from '../../dist/gateway/unlock.js';

const [data] = process.argv.slice(2);
const keys = loadKeys(path.join(data, 'keys'));
const vault = createVault(keys);
const index = createAccessIndex();
openIndexSource(path.join(data, 'register.sqlite')).load(index);
const LANES = 2;
const OPEN_TRIES = 60;
const AGAIN_MS = 100;

/** As the gateway does at its start: again and again, and somebody is told. */
async function opened(place, alarms) {
  for (let tries = 1; ; tries++) {
    try {
      const journal = await openJournal({ ...place, onAlarm: (alarm) => alarms.push(alarm) });
      return { journal, tries };
    } catch (error) {
      alarms.push({ what: 'not-open', message: String(error), at: Date.now() });
      if (tries === OPEN_TRIES) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

async function round({ dir, cards, from, taps }) {
  const alarms = [];
  const place = { file: path.join(dir, 'journal.sqlite'), keysDir: path.join(dir, 'keys'), root: keys.journalRoot };
  const { journal, tries } = await opened(place, alarms);
  journal.onAlarm((alarm) => alarms.push(alarm));
  const raised = [];
  const way = { index, journal, now: Date.now, fingerprint: (reading) => vault.fingerprint(reading), alarm: (what, detail) => raised.push(`${what} ${detail}`) };
  const told = [];
  let [seq, good] = [from, 0];
  async function lane() {
    while (told.length < taps || good < 3) {
      const own = seq++;
      const card = cards[own % cards.length];
      const tap = {
        key: { controllerId: 1, instance: '00112233445566ff', boot: 1, seq: own }, doorId: 1, method: 'card', credential: { bits: 32, hex: card }, deviceTime: Date.now(), ageMs: 0, budgetMs: 400, list: '',
      };
      const began = performance.now();
      const { granted, reason, entry } = await unlock(way, tap);
      good = reason === 'UNAVAILABLE' ? 0 : good + 1;
      told.push({ seq: own, card, granted, reason, entry, ms: performance.now() - began });
      if (reason === 'UNAVAILABLE') await sleep(5);
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane));
  await journal.close();
  return { told, alarms, raised, tries };
}

process.on('message', (asked) => {
  round(asked).then(
    (done) => process.send({ done }),
    (error) => process.send({ error: error instanceof Error ? error.stack : String(error) }),
  );
});
process.send({ ready: true });
