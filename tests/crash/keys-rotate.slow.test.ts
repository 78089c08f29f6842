import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadKeys, readKeys } from '../../gateway/store/keys.ts';
import { migrateRegister } from '../../gateway/store/migrate.ts';
import { peopleOf } from '../../gateway/store/people.ts';
import { openRegister, type Register } from '../../gateway/store/register.ts';
import { rotationOf } from '../../gateway/store/rotation.ts';
import { killedAfterLines } from './killed-child.ts';

const CHILD = fileURLToPath(new URL('./keys-rotate-load.mjs', import.meta.url));
const KILLS = Number(process.env['KEYS_KILLS'] ?? 8);
const PEOPLE = 300;

let dir: string;
let keysDir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-rotate-'));
  keysDir = path.join(dir, 'keys');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (): Promise<Register> => openRegister({ file: path.join(dir, 'register.sqlite'), keys: loadKeys(keysDir) });

async function fill(): Promise<void> {
  loadKeys(keysDir);
  migrateRegister(path.join(dir, 'register.sqlite'));
  const register = await open();
  const { vault } = register;
  const person = (at: number) => ({
    nameSealed: vault.seal('person.name', `王${at}`),
    documentType: '414',
    documentSealed: vault.seal('person.document', `E${10_000 + at}`),
    createdAt: 1,
  });
  await register.write((db) => db.person.createMany({ data: Array.from({ length: PEOPLE }, (_, at) => person(at)) }));
  await register.close();
}

describe('keys rotate, killed at random moments', () => {
  test(`${KILLS} times: every value that was written opens, everybody is found, and it goes on to the end`, async () => {
    await fill();
    const letters = new Map<number, string>();
    let turns = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      for (const line of await killedAfterLines(CHILD, [dir, String(letters.size * 10)], randomInt(1, 80))) {
        const [kind, id, ...text] = line.split(' ');
        if (kind === 'row') letters.set(Number(id), text.join(' '));
        else if (kind === 'turn') turns += 1;
      }
      const register = await open();
      const rows = await register.read.outboxMessage.findMany({ select: { id: true, bodySealed: true } });
      const kept = new Map(rows.map(({ id, bodySealed }) => [id, register.vault.open('outbox.body', bodySealed)]));
      for (const [id, text] of letters) if (kept.get(id) !== text) throw new Error(`kill ${kill}: row ${id} says ${kept.get(id)}, expected ${text}`);
      const people = await register.read.person.findMany({ select: { id: true, nameSealed: true } });
      expect(people.map(({ id, nameSealed }) => register.vault.open('person.name', nameSealed) === `王${id - 1}`).filter(Boolean).length).toBe(PEOPLE);
      await register.close();
    }
    expect([letters.size > KILLS, turns > 0]).toEqual([true, true]);
    const register = await open();
    const rotation = rotationOf(register, keysDir);
    if (!rotation.pending()) await rotation.begin();
    while (
      (await rotation.pass(
        async () => undefined,
        () => true,
      )) > 0
    );
    await rotation.finish();
    const found = peopleOf(register);
    for (const at of [0, 17, PEOPLE - 1]) expect((await found.find(`e${10_000 + at}`, { limit: 2 })).map(({ id }) => id)).toEqual([at + 1]);
    await register.close();
    const { vault, hash } = readKeys(keysDir);
    expect([vault.length, hash.length]).toEqual([1, 1]);
    expect(readFileSync(path.join(keysDir, 'keys.json'))).toEqual(readFileSync(path.join(keysDir, 'keys-mirror.json')));
  }, 240_000);
});
