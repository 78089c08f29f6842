import { type Frame, encodeFrame, FrameReader, isSecured, MARK } from '../../gateway/wire/osdp/frame.ts';
import { FUNCTION, NAK, readCommand, readReply, type Written, writeReply } from '../../gateway/wire/osdp/messages.ts';

/** What somebody in the middle of a line does to what goes past him (osdp.md 4, attacks 1 to 3). */
export interface Bending {
  /** Takes security and CRC out of what a device says it can do. */
  strip: boolean;
  /** Answers a panel's challenge himself: "I have no such key". */
  nak5: boolean;
  /** Lets nothing through. */
  silent: boolean;
}

/** Bytes to be sent on, each way, in order. */
export interface Onward {
  readonly toPanel: Buffer[];
  readonly toDevice: Buffer[];
}

/** Somebody between panel and device: hears both, sends on what he likes, and cannot make a message authentication code. */
export interface Middle {
  readonly bending: Bending;
  /** Cards he says were shown, in clear, instead of what the device answers next. */
  readonly cards: { readonly bits: number; readonly hex: string }[];
  /** Keys of KEYSET commands he saw in clear, hex. */
  readonly seen: string[];
  readonly panel: FrameReader;
  readonly device: FrameReader;
}

/** Somebody who only listens as yet. */
export const createMiddle = (): Middle => ({ bending: { strip: false, nak5: false, silent: false }, cards: [], seen: [], panel: new FrameReader(), device: new FrameReader() });

const marked = (frame: Buffer): Buffer => Buffer.concat([Buffer.from([MARK]), frame]);
/** The frame as it was. */
const asHeard = ({ bytes }: Frame): Buffer => marked(Buffer.from(bytes));
const answerTo = ({ address, sequence, crc }: Frame, written: Written): Buffer => marked(encodeFrame({ address, reply: true, sequence, crc, ...written }));

function readOr<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // Not for us to judge: it goes on as it came.
    return undefined;
  }
}

function fromPanel(middle: Middle, frame: Frame, { toPanel, toDevice }: Onward): void {
  const command = isSecured(frame.block) ? undefined : readOr(() => readCommand(frame));
  if (command?.name === 'KEYSET') middle.seen.push(Buffer.from(command.body.data).toString('hex'));
  if (command?.name === 'CHLNG' && middle.bending.nak5) {
    toPanel.push(answerTo(frame, writeReply('NAK', { error: NAK.block, more: new Uint8Array() })));
    return;
  }
  const card = middle.cards.shift();
  if (card !== undefined) toPanel.push(answerTo(frame, writeReply('RAW', { reader: 0, format: 0, bits: card.bits, data: Buffer.from(card.hex, 'hex') })));
  else toDevice.push(asHeard(frame));
}

function fromDevice({ bending }: Middle, frame: Frame, { toPanel }: Onward): void {
  const reply = bending.strip && !isSecured(frame.block) ? readOr(() => readReply(frame)) : undefined;
  if (reply?.name !== 'PDCAP') return void toPanel.push(asHeard(frame));
  const left = reply.body.filter((each) => each.function !== FUNCTION.check && each.function !== FUNCTION.security);
  toPanel.push(answerTo(frame, writeReply('PDCAP', left)));
}

/** Bytes that came from one side; what is sent on, and back. What is no whole frame is not sent on. */
export function passOn(middle: Middle, from: 'panel' | 'device', bytes: Uint8Array): Onward {
  const onward: Onward = { toPanel: [], toDevice: [] };
  for (const heard of middle[from].push(bytes)) {
    if (heard.t !== 'frame' || middle.bending.silent) continue;
    if (from === 'panel') fromPanel(middle, heard.frame, onward);
    else fromDevice(middle, heard.frame, onward);
  }
  return onward;
}
