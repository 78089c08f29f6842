import { FieldError } from '../../../gateway/wire/fields.ts';
import { encodeFrame, type Frame, FRAME_MAX, FrameReader } from '../../../gateway/wire/osdp/frame.ts';
import { readCommand, readReply, writeCommand, writeReply } from '../../../gateway/wire/osdp/messages.ts';
import { deriveKeys, SecureSession } from '../../../gateway/wire/osdp/secure.ts';
import type { Random } from '../random.ts';
import { allowing, hold, plain, type Target } from '../target.ts';

const KEYS = deriveKeys(Buffer.alloc(16, 0x5c), Buffer.alloc(8, 0x36));
const session = (): SecureSession => new SecureSession(KEYS, Buffer.alloc(16, 0x99));

function messageOf(random: Random) {
  const data = random.bytes(6);
  return random.pick([
    { reply: false, ...writeCommand('POLL', undefined) },
    { reply: false, ...writeCommand('OUT', [{ output: random.below(4), control: 5, timer: random.below(65_536) }]) },
    { reply: false, ...writeCommand('BUZ', { reader: 0, tone: 2, on: 2, off: 1, count: 3 }) },
    { reply: true, ...writeReply('RAW', { reader: 0, format: 1, bits: 48, data }) },
    { reply: true, ...writeReply('KEYPAD', { reader: 0, count: data.length, data }) },
    { reply: true, ...writeReply('PDCAP', [{ function: 9, level: 1, count: 0 }]) },
  ]);
}

function make(random: Random): Buffer {
  const fields = { address: random.below(128), sequence: random.below(4), ...messageOf(random) };
  const bytes = random.oneIn(2) ? session().seal(fields) : encodeFrame({ ...fields, crc: !random.oneIn(4) });
  return random.oneIn(4) ? Buffer.concat([random.bytes(random.below(12)), bytes]) : bytes;
}

/** What opens was sealed by whoever has the keys: sealed again it is the same, byte by byte. */
function judge(frame: Frame): void {
  const { address, reply, sequence, code } = frame;
  const opened = session().open(frame);
  if (opened !== undefined) hold(session().seal({ address, reply, sequence, code, data: opened.data }).equals(frame.bytes), 'a frame nobody sealed was opened');
  allowing([FieldError], () => (reply ? readReply : readCommand)({ code, data: opened?.data ?? frame.data }));
}

/** Whatever comes along a line of OSDP devices, in any pieces, in clear and sealed. */
export const osdp: Target = {
  name: 'osdp',
  covers: ['crc', 'frame', 'layout', 'messages', 'secure'].map((file) => `gateway/wire/osdp/${file}.ts`),
  words: ['S', 'S\xff', 'S\x00\xff\xff', '\xffS', '\x02\x15', '\x02\x17', '\x02\x18', '\x03\x11\x01', '\x0e', '\x08\x00\x04'],
  make,
  open: plain((input) => {
    const reader = new FrameReader();
    const step = 1 + (input.length % 37);
    for (let at = 0; at < input.length; at += step) {
      for (const heard of reader.push(input.subarray(at, at + step))) if (heard.t === 'frame') judge(heard.frame);
      hold(reader.waiting <= FRAME_MAX, 'more was held than one frame');
    }
    for (const heard of reader.silence()) if (heard.t === 'frame') judge(heard.frame);
    hold(reader.waiting === 0, 'something was held after silence');
  }),
};
