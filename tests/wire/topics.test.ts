import { describe, expect, test } from 'vitest';
import { deviceFilters, deviceTopic, isWireId, parseTopic } from '../../gateway/wire/mqtt/topics.ts';

test('a topic is built with the device before the verb', () => {
  expect(deviceTopic('yc42', 'yc42-d01', 'cmd/ack')).toBe('ac/1/yc42/d/yc42-d01/cmd/ack');
});

test('a device subscribes to its downward topics', () => {
  expect(deviceFilters('s', 'd')).toEqual([
    'ac/1/s/d/d/res',
    'ac/1/s/d/d/evt/ack',
    'ac/1/s/d/d/cmd',
    'ac/1/s/d/d/acl/want',
    'ac/1/s/d/d/acl/c',
    'ac/1/s/d/d/time',
    'ac/1/s/d/d/log',
  ]);
});

describe('a topic is taken apart', () => {
  test.each([
    ['ac/1/yc42/d/yc42-d01/req', { site: 'yc42', device: 'yc42-d01', tail: 'req' }],
    ['ac/1/yc42/d/yc42-d01/evt/ack', { site: 'yc42', device: 'yc42-d01', tail: 'evt/ack' }],
    ['ac/1/0/d/0/acl/want', { site: '0', device: '0', tail: 'acl/want' }],
  ])('%s', (topic, parts) => {
    expect(parseTopic(topic)).toEqual(parts);
  });

  test.each([
    [''],
    ['ac'],
    ['/ac/1/s/d/x/req'],
    ['ac/2/s/d/x/req'],
    ['ac/1/s/e/x/req'],
    ['ac/1/s/d/x'],
    ['ac/1/s/d/x/'],
    ['ac/1/s/d/x/req/'],
    ['ac/1/s/d/x/REQ'],
    ['ac/1/S/d/x/req'],
    ['ac/1//d/x/req'],
    ['ac/1/s/d//req'],
    ['ac/1/-s/d/x/req'],
    ['ac/1/s/d/+/req'],
    ['ac/1/s/d/x/#'],
    ['$SYS/1/s/d/x/req'],
    ['ac/1/s/d/x/acl'],
    ['ac/1/s/d/x/evt/ack/x'],
    [`ac/1/${'s'.repeat(25)}/d/x/req`],
    ['ac/1/s/d/x/constructor'],
    [`ac/1/s/d/x/${'a'.repeat(100)}`],
    ['ac/1/s\n/d/x/req'],
  ])('%j is none', (topic) => {
    expect(parseTopic(topic)).toBeUndefined();
  });
});

test.each([
  ['a', true],
  ['0-9', true],
  ['a'.repeat(24), true],
  ['', false],
  ['-a', false],
  ['a_b', false],
  ['a'.repeat(25), false],
  ['é', false],
  ['a\n', false],
])('id %j', (id, good) => {
  expect(isWireId(id)).toBe(good);
});
