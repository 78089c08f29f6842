import { describe, expect, test } from 'vitest';
import { encodeCommand, readBoard } from '../../../gateway/wire/esp-rfid/messages.ts';
import { COMMANDS, EXAMPLES } from './examples.ts';

const read = (text: string) => readBoard(Buffer.from(text));

describe('an esp-rfid board', () => {
  test.each(EXAMPLES.map(({ from, text, read: expected }) => [from, text, expected] as const))('is understood as its public page says: %s', (_from, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each(COMMANDS.map(({ from, text, command }) => [from, text, command] as const))('is told what its public page says: %s', (_from, text, command) => {
    const bytes = encodeCommand(command, '192.168.1.50');
    expect(bytes.toString()).toBe(text);
    expect(bytes.length).toBeLessThan(255);
  });

  test.each([
    ['not json', 'body: expected a JSON object'],
    ['[]', ': expected an object'],
    ['{"type":"access","isKnown":"maybe"}', 'isKnown: expected true or false'],
    ['{"type":"access","isKnown":"true","time":-1}', 'time: expected a whole number from 0 to 4294967295'],
    ['{"type":"access","isKnown":"true","uid":{}}', 'uid: expected text of at most 32 characters'],
    [`{"type":"access","isKnown":"true","uid":"${'1'.repeat(33)}"}`, 'uid: expected text of at most 32 characters'],
    ['{"command":"userfile","uid":"12","acctype":"admin"}', 'acctype: expected a whole number from 0 to 4294967295'],
    ['{"type":{}}', 'type: expected text of at most 32 characters'],
  ])('that says %s is told which field is wrong', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  test('is taken for alive also when what it calls its address is none', () => {
    for (const ip of ['"(IP unset)"', '"300.1.1.1"', '7', 'null']) expect(read(`{"type":"heartbeat","time":5,"ip":${ip}}`)).toEqual({ k: 'alive', boot: false, time: 5, ip: '' });
  });
});
