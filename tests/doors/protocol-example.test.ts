import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DoorId } from '../../gateway/core/ids.ts';
import { buildList } from '../../gateway/doors/access-list.ts';
import { listVerifier, openHeader } from '../../gateway/wire/mqtt/list-header.ts';
import { decode, MESSAGES, type MessageTail } from '../../gateway/wire/mqtt/messages.ts';
import { deviceKeys, open } from '../../gateway/wire/mqtt/seal.ts';
import { deviceTopic, UP_TAILS } from '../../gateway/wire/mqtt/topics.ts';
import { LIST_SIGNER, openRig, record } from './harness.ts';
import { openRaw, packet, published } from './raw-mqtt.ts';

const SECRET = Buffer.from(Array.from({ length: 32 }, (_, at) => at));
const page = readFileSync(new URL('../../docs/controller-protocol.md', import.meta.url), 'utf8');

interface Block {
  readonly kind: 'json' | 'cbor' | 'hex';
  readonly up: boolean;
  readonly name: string;
  readonly body: string;
}

const blocks: Block[] = [...page.matchAll(/```(json|cbor|hex) ([<>]) (\S+)\n([\s\S]*?)\n```/g)].map(([, kind, way, name = '', body = '']) => ({
  kind: kind === 'json' || kind === 'cbor' ? kind : 'hex',
  up: way === '>',
  name,
  body,
}));
const bytesOf = (block: Block): Buffer => Buffer.from(block.body.replaceAll('xx', '00').replace(/\s/g, ''), 'hex');
const isTail = (name: string): name is MessageTail => name === 'acl/c' || Object.hasOwn(MESSAGES, name);
const LIST_KEY = listVerifier(LIST_SIGNER.publicKey);
/** The unsealed body of a block that is shown open. */
const openBody = ({ kind, body }: Block): Buffer => Buffer.from(body, kind === 'cbor' ? 'hex' : 'utf8');

test('the page shows every message of the protocol, and every key', () => {
  const shown = new Set(blocks.map(({ name }) => name));
  expect([...Object.keys(MESSAGES), 'acl/c'].filter((tail) => !shown.has(tail))).toEqual(['info']);
  const { up, down, list, password } = deviceKeys(SECRET);
  for (const value of [SECRET.toString('hex'), up.toString('hex'), down.toString('hex'), list.toString('hex'), password, LIST_SIGNER.publicKey])
    expect(page).toContain(`\`${value}\``);
});

test('every open block on the page is a message as it stands', () => {
  for (const block of blocks) if (block.kind !== 'hex' && isTail(block.name)) decode(block.name, openBody(block));
});

test('what stands above each sealed packet is what is in it, and is a message', () => {
  const { up, down } = deviceKeys(SECRET);
  const sealed = blocks.filter(({ kind, name }) => kind === 'hex' && isTail(name));
  expect(sealed.length).toBeGreaterThan(12);
  for (const block of sealed) {
    const { topic, payload } = published(bytesOf(block));
    const shown = blocks.find(({ kind, name, up: way }) => kind !== 'hex' && name === block.name && way === block.up);
    if (shown === undefined || !isTail(block.name)) throw new Error(block.name);
    expect(topic).toBe(deviceTopic('yc42', 'yc42-d01', block.name));
    const inside = open(block.up ? up : down, topic, payload) ?? Buffer.alloc(0);
    const body = block.name === 'acl/want' ? openHeader(inside, LIST_KEY) : inside;
    expect(body?.toString('hex'), block.name).toBe(openBody(shown).toString('hex'));
    decode(block.name, openBody(shown));
  }
});

test('the gateway answers the worked example byte for byte', async () => {
  let fill = 0xa0;
  const rig = await openRig(1, {
    uptime: () => 1_000_000,
    random: (bytes) => Buffer.alloc(bytes, ++fill),
    lists: { version: () => ({ epoch: 1, n: 7 }), build: ({ listKey, version }) => buildList(listKey, [{ bits: 32, hex: '1A2B3C4D', doors: 1, until: 0 }], version) },
  });
  rig.records.set('yc42-d01', record(1, { secret: SECRET }));
  const raw = await openRaw(rig.link.port);
  let played = 0;
  for (const block of blocks) {
    if (block.kind !== 'hex') continue;
    const bytes = bytesOf(block);
    played += 1;
    if (block.up) {
      raw.send(bytes);
      continue;
    }
    if (block.name === 'cmd') void rig.link.command(DoorId(101), { what: 'unlock', openMs: 3000 });
    const heard = await raw.next((bytes[0] ?? 0) >> 4, 4000);
    const pattern = block.body.split(/\s+/);
    expect(
      heard
        .toString('hex')
        .replace(/../g, '$& ')
        .trim()
        .split(' ')
        .map((byte, at) => (pattern[at] === 'xx' ? 'xx' : byte))
        .join(' '),
      block.name,
    ).toBe(pattern.join(' '));
    const at = pattern.indexOf('xx');
    if (at >= 0) raw.send(packet(0x40, heard.subarray(at, at + 2)));
  }
  await raw.closed();
  expect(played).toBe(27);
  expect(rig.side.taps).toHaveLength(1);
  expect(rig.side.outcomes).toHaveLength(1);
  expect(rig.lines.filter((line) => line.startsWith('refused'))).toEqual([]);
  await rig.link.close();
});

test('every upward tail of the example is one a device may use', () => {
  const used = blocks.filter(({ kind, up, name }) => kind === 'json' && up && isTail(name)).map(({ name }) => name);
  expect(used.every((name) => UP_TAILS.some((tail) => tail === name))).toBe(true);
});
