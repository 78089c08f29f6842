import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Gpio, openGpio } from '../../../firmware-sim/board/gpio.ts';

const PIN = { chip: 'gpiochip0', line: 17 };
const path = process.env['PATH'] ?? '';
let dir = '';
let pins: Gpio | undefined;
const said: string[] = [];
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5000, interval: 20 });
const calls = (): string[] => (existsSync(join(dir, 'calls')) ? readFileSync(join(dir, 'calls'), 'utf8').trim().split('\n') : []);

/** Stands for the tools of Debian's package: writes down how it was called, and does as they do. */
function tool(name: string, version: string, body: string): void {
  const file = join(dir, name);
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = --version ]; then echo "${name} (libgpiod) v${version}"; exit; fi\necho "${name} $*" >> ${join(dir, 'calls')}\n${body}\n`);
  chmodSync(file, 0o755);
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-gpio-'));
  process.env['PATH'] = `${dir}:${path}`;
  said.length = 0;
});
afterEach(() => {
  pins?.stop();
  process.env['PATH'] = path;
  rmSync(dir, { recursive: true, force: true });
});

describe.each([
  ['1.6.3', '--mode=time --sec=5 --usec=250000 gpiochip0 17=1', '--mode=signal gpiochip0 17=1', '--bias=pull-up --line-buffered --format=%e gpiochip0 17'],
  ['2.2', '--chip gpiochip0 --toggle 5250ms,0 17=1', '--chip gpiochip0 17=1', '--bias pull-up --format %e --chip gpiochip0 17'],
])('the tools of version %s', (version, pulse, hold, monitor) => {
  test('are called as they want it, a pin by one at a time, and let go of it', async () => {
    tool('gpioset', version, `trap 'echo gone >> ${join(dir, 'calls')}; exit' TERM\nwhile :; do sleep 0.05; done`);
    pins = await openGpio((line) => void said.push(line));
    pins.pulse(PIN, 5250);
    await until(() => expect(calls()).toEqual([`gpioset ${pulse}`]));
    pins.hold(PIN);
    await until(() => expect(calls().slice(1)).toEqual(['gone', `gpioset ${hold}`]));
    pins.off(PIN);
    await until(() => expect(calls().at(-1)).toBe('gone'));
    pins.pulse({ ...PIN, activeLow: true }, 1000);
    await until(() => expect(calls().at(-1)).toContain('--active-low'));
    expect(said).toEqual([]);
  });

  test('tell what a pin shows, and what changes, once it has been still', async () => {
    tool('gpioset', version, '');
    tool('gpioget', version, 'echo 0');
    tool('gpiomon', version, 'echo 0; echo 1; sleep 0.3; echo 2; sleep 5');
    pins = await openGpio((line) => void said.push(line));
    const seen: (boolean | undefined)[] = [];
    pins.watch(PIN, (active) => void seen.push(active));
    await until(() => expect(seen).toEqual([false, true, false]));
    expect(calls().at(-1)).toBe(`gpiomon ${monitor}`);
  });
});

test('a monitor that ends is told as a contact nobody can read, and is started again', async () => {
  tool('gpioset', '1.6.3', '');
  tool('gpioget', '1.6.3', 'echo 1');
  tool('gpiomon', '1.6.3', 'echo "cannot open" >&2; exit 1');
  pins = await openGpio((line) => void said.push(line));
  const seen: (boolean | undefined)[] = [];
  pins.watch(PIN, (active) => void seen.push(active));
  await until(() => expect(seen.slice(0, 3)).toEqual([true, undefined, true]));
  expect(said).toContain('gpiochip0/17: cannot open');
});

test('without the tools there is a sentence that says what to install', async () => {
  process.env['PATH'] = dir;
  await expect(openGpio(() => undefined)).rejects.toThrow('There is no gpioset: apt-get install gpiod.');
});
