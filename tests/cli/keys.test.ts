import { describe, expect, test } from 'vitest';
import { readArguments, WrongUsage } from '../../gateway/cli/arguments.ts';
import type { Terminal } from '../../gateway/cli/import-command.ts';
import { rotateKeys } from '../../gateway/cli/keys-command.ts';
import { CommandFailed, type LocalGateway } from '../../gateway/cli/local-gateway.ts';
import { Value } from 'typebox/value';

/** A gateway that gives these answers one after the other. */
function gateway(...answers: { state: string; key: number; rows: number }[]): LocalGateway & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    ports: { port: 0, mqttPort: 0, mqttsPort: undefined },
    ask: async (schema, { method, path }) => {
      asked.push(`${method} ${path}`);
      return Value.Parse(schema, answers.shift());
    },
  };
}
function terminal(language: 'zh' | 'en', answer?: boolean): Terminal & { readonly said: string[] } {
  const said: string[] = [];
  return { language, said, say: (text) => void said.push(text), confirm: answer === undefined ? undefined : async () => answer };
}

describe('doorbook keys rotate', () => {
  test('says what it does to old backups, begins, tells how far it is, and waits for the end', async () => {
    const here = gateway({ state: 'running', key: 2, rows: 0 }, { state: 'running', key: 2, rows: 500 }, { state: 'idle', key: 2, rows: 700 });
    const screen = terminal('en', true);
    expect(await rotateKeys(here, { yes: false, pollMs: 1 }, screen)).toBe(true);
    expect(here.asked).toEqual(['POST /keys/rotate', 'GET /keys', 'GET /keys']);
    expect(screen.said.map((line) => line.slice(0, 5))).toEqual(['New k', 'Begun', '500 r', 'Done.']);
    expect(screen.said.join('\n')).toContain('older backups of the register');
  });

  test('a person who says no changes nothing; in a script nobody is asked', async () => {
    const here = gateway({ state: 'idle', key: 2, rows: 0 });
    expect(await rotateKeys(here, { yes: false }, terminal('zh', false))).toBe(false);
    expect(here.asked).toEqual([]);
    expect(await rotateKeys(here, { yes: false, pollMs: 1 }, terminal('zh'))).toBe(true);
  });

  test('one that stopped is a failure that says the old keys are still there', async () => {
    const here = gateway({ state: 'running', key: 2, rows: 0 }, { state: 'failed', key: 2, rows: 10 });
    const failing = rotateKeys(here, { yes: true, pollMs: 1 }, terminal('en'));
    await expect(failing).rejects.toThrow('The old keys are still there');
    await expect(failing).rejects.toBeInstanceOf(CommandFailed);
  });

  test('keys without a word it knows is called in a wrong way', () => {
    expect(() => readArguments(['keys'])).toThrow('keys: name what to do with them: rotate.');
    expect(() => readArguments(['keys', 'turn'])).toThrow(WrongUsage);
    expect(() => readArguments(['keys', 'rotate', '--building', 'x'])).toThrow('does not take --building');
    expect(readArguments(['keys', 'rotate', '--yes'])).toMatchObject({ command: expect.any(Function) });
  });
});
