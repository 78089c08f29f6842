import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readArguments } from '../../gateway/cli/arguments.ts';
import { exportLogTo } from '../../gateway/cli/export-log.ts';
import { CommandFailed } from '../../gateway/cli/local-gateway.ts';
import type { LogPlace } from '../../gateway/journal/log.ts';
import { openLog } from '../../gateway/journal/log.ts';
import { loadKeys } from '../../gateway/store/keys.ts';
import { clockAt, newPlace, NOON } from '../journal/samples.ts';
import { exported, makeJournal, remove, tamper } from './logs.ts';

const VERIFIER = fileURLToPath(new URL('../../docs/verify.mjs', import.meta.url));

let dir: string;
let place: LogPlace;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-export-'));
  const found = newPlace();
  // A data directory with keys of its own, as a gateway has it.
  const { journalRoot } = loadKeys(found.keysDir);
  place = await makeJournal({ sizes: [90] }, 0, { ...found, root: journalRoot });
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
  remove(place);
});

function terminal(language: 'zh' | 'en' = 'en') {
  const said: string[] = [];
  return { language, said, say: (text: string) => void said.push(text), confirm: undefined };
}

/** The verifier as anybody runs it. */
function verify(...args: string[]): { readonly status: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [VERIFIER, ...args], { encoding: 'utf8', cwd: dir });
  return { status, out: stdout, err: stderr };
}

const run = (file: string, yes: boolean, screen = terminal()): Promise<boolean> => exportLogTo({ data: dirname(place.file) }, { file, yes, now: () => NOON }, screen);

describe('doorbook export-log', () => {
  test('writes the file, tells entries and checkpoint, and the next command, which says that all is well', async () => {
    const file = join(dir, 'log.export');
    const screen = terminal();
    expect(await run(file, false, screen)).toBe(true);
    expect(screen.said.join('\n')).toMatch(
      /^90 entries of 1 log\(s\) are in .*\nNewest checkpoint: over 90 entries, 2026-06-\d\d .* \+08:00\.\nTo verify it.*\nnode docs\/verify\.mjs \S+log\.export\n/,
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.part`)).toBe(false);
    const said = verify(file, '--lang', 'zh');
    expect([said.status, said.err]).toEqual([0, '']);
    expect(said.out).toContain('✔ 全部核对通过。');
  });

  test('does not replace a file unasked', async () => {
    const file = join(dir, 'there');
    writeFileSync(file, 'mine');
    await expect(run(file, false)).rejects.toThrow(/is there already/);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(await run(file, true)).toBe(true);
    expect(verify(file).status).toBe(0);
  });

  test('works while the gateway writes, and says what was not as the log wrote it', async () => {
    const log = openLog(
      place,
      clockAt(() => NOON + 86_400_000),
    );
    expect(await run(join(dir, 'live'), false)).toBe(true);
    log.close();
    tamper(place, (db) => db.exec('UPDATE entry SET leafHash = zeroblob(32) WHERE idx = 9'));
    const screen = terminal('zh');
    expect(await run(join(dir, 'bad'), false, screen)).toBe(false);
    expect(screen.said.join('\n')).toContain('发现 1 处与日志不符');
    const said = verify(join(dir, 'bad'), '--lang', 'zh');
    expect(said.status).toBe(1);
    expect(said.out).toContain('导出程序在日志 1 里发现：记录的散列值被改过（记录 9）。');
  });

  test('says what is missing', async () => {
    await expect(exportLogTo({ data: join(dir, 'nowhere') }, { file: join(dir, 'x'), yes: false }, terminal())).rejects.toThrow(CommandFailed);
    await expect(run(join(dir, 'no', 'such', 'folder'), false)).rejects.toThrow();
  });

  test('is a command', () => {
    expect(readArguments(['export-log', 'log.export', '--yes'])).toMatchObject({ command: expect.any(Function) });
    expect(() => readArguments(['export-log'])).toThrow(/name the PATH/);
  });
});

describe('node docs/verify.mjs', () => {
  test('holds the file against checkpoints and a key from elsewhere', async () => {
    const other = await makeJournal({ sizes: [80] });
    const { lines, newest } = exported(other);
    const [file, note] = [join(dir, 'o.export'), join(dir, 'note.txt')];
    writeFileSync(file, `${lines.join('\n')}\n`);
    writeFileSync(note, newest.note);
    const key = String(JSON.parse(lines[1] ?? '').log.key);
    const good = verify(file, '--checkpoint', note, '--key', key, '--lang', 'en');
    expect([good.status, good.err]).toEqual([0, '']);
    expect(good.out).toContain(`It agrees with ${note}`);
    writeFileSync(file, `${[...lines.slice(0, -3), ...lines.slice(-1)].join('\n')}\n`);
    const cut = verify(file, '--checkpoint', note, '--lang', 'en');
    expect(cut.status).toBe(1);
    expect(cut.out).toMatch(/✘ This does not verify:(\n.*)*Log 1 was cut: the checkpoint in \S+ covers 80 entries, here are 79\./);
    expect(cut.out).toContain('Nothing, until what is said above is cleared up.');
    remove(other);
  });

  test.each([
    ['nothing', []],
    ['a file that is not there', ['nowhere']],
    ['a folder', ['.']],
    ['two files', ['a', 'b']],
    ['an option it does not know', ['a', '--force', 'x']],
    ['an option without its value', ['a', '--checkpoint']],
    ['a checkpoint file that has none', ['a', '--checkpoint', VERIFIER]],
    ['a key that is none', ['a', '--key', 'abc']],
  ])('called with %s says how to call it, and ends with 2', (_, args) => {
    const { status, err } = verify(...args, '--lang', 'en');
    expect(status).toBe(2);
    expect(err).toContain('Usage: node verify.mjs PATH');
  });

  test.each([
    ['a picture', '\u0089PNG'],
    ['an empty file', ''],
    ['something else', '{"hello":1}\n'],
  ])('given %s ends with 1', (_, text) => {
    writeFileSync(join(dir, 'thing'), text);
    expect(verify('thing').status).toBe(1);
  });
});
