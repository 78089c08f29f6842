import type { CommissionNews } from '../doors/serial/status.ts';
import { checkMayBegin, dropNextKey, keyTaken, storeNextKey } from '../register/give-key.ts';
import type { Note } from '../register/lock-down.ts';
import type { Register } from '../store/register.ts';
import type { Audit } from './audit.ts';
import type { DoorSidePort } from './deps.ts';
import { refusal } from './problem.ts';
import type { KeyGiving } from './schemas/serial-lines.ts';

/** An operator's act on one device lasts so long (osdp.md 4, attack 3). */
export const GIVING_MS = 5 * 60_000;
/** How a giving ended is shown for so long after it could have gone on. */
const SHOWN_MS = 15 * 60_000;
const BY_ITSELF = { accountId: 0 } as const;

/** Maker, model and serial number as a person compares them: `001234-05-0000abcd`; '' for none. */
export const shownIdentity = (hex: string): string => (hex === '' ? '' : `${hex.slice(0, 6)}-${hex.slice(6, 8)}-${hex.slice(8)}`);

/** Giving keys to devices on serial lines: in memory only how far each is, the keys themselves in the register alone. */
export interface KeyGivings {
  /** How far it is with a device; undefined: nobody gave it a key lately. */
  of(deviceId: number): KeyGiving | undefined;
  /** Begins anew, noted first. Rejects with KEY_SENT while one is on its way, ADDRESS_SENT, and with LineRefused (waiting, moving). */
  begin(deviceId: number, note: Note): Promise<void>;
  /** The operator says yes to the identity: the key is stored, noted, then sent. Rejects with KEY_NOT_ASKED, KEY_SENT, or BAD_INPUT for another identity. */
  confirm(deviceId: number, identity: string, note: Note): Promise<void>;
  /** Ends one that has sent no key. */
  cancel(deviceId: number, note: Note): Promise<void>;
  /** Before anything else is done to a device: calls off what is begun. Throws KEY_SENT while a key is on its way, ADDRESS_SENT while it is told an address. */
  callOff(deviceId: number): void;
  /** What the door side tells; also of a key that was stored long ago. */
  heard(deviceId: number, news: CommissionNews): Promise<void>;
}

/** What both giving a key and giving an address are made of. */
export interface DeviceActParts {
  readonly register: Register;
  readonly doorSide: Pick<DoorSidePort, 'commission'>;
  readonly audit: Pick<Audit, 'acted'>;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly onError: (error: unknown, where: string) => void;
  /** Consoles fetch again; `register`: the register changed, too. */
  readonly changed: (what: 'state' | 'register') => Promise<void>;
}
export interface KeyGivingParts extends DeviceActParts {
  /** Throws ADDRESS_SENT while the device is being told its next address. */
  readonly checkIdle: (deviceId: number) => void;
}

interface Giving {
  state: KeyGiving['state'];
  readonly until: number;
  /** 16 hex digits; '' before the device said so. */
  identity: string;
}

/** Answers to a confirmation by which no key was sent. */
const NOT_SENT: ReadonlySet<CommissionNews['what']> = new Set(['weak-key', 'same-key', 'not-ready']);

/** Who is given a key: what is known of it between two requests. */
class Givings {
  readonly #all = new Map<number, Giving>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  begin(deviceId: number): number {
    const until = this.#clock() + GIVING_MS;
    this.#all.set(deviceId, { state: 'begun', until, identity: '' });
    return until;
  }

  /** One that is not over: the door side may be silent, but then nothing goes on either. */
  running(deviceId: number, ...states: readonly Giving['state'][]): Giving | undefined {
    const giving = this.#all.get(deviceId);
    return giving !== undefined && this.#clock() < giving.until && states.includes(giving.state) ? giving : undefined;
  }

  /** Throws KEY_SENT while a key is on its way. */
  checkIdle(deviceId: number): void {
    if (this.running(deviceId, 'sent') !== undefined) throw refusal('KEY_SENT');
  }

  shown(deviceId: number): KeyGiving | undefined {
    const giving = this.#all.get(deviceId);
    const now = this.#clock();
    if (giving === undefined || now >= giving.until + SHOWN_MS) return undefined;
    const { state, until, identity } = giving;
    return { state: now >= until && isOpen(state) ? 'late' : state, until, identity: shownIdentity(identity) };
  }

  /** Takes in what the door side tells; true: no key was sent after all. */
  heard(deviceId: number, news: CommissionNews): boolean {
    const giving = this.#all.get(deviceId);
    if (giving === undefined || !isOpen(giving.state)) return false;
    const before = giving.state;
    if (news.what !== 'identity') giving.state = news.what;
    else if (before === 'begun') giving.state = 'identity';
    if ('identity' in news && giving.identity === '') giving.identity = news.identity;
    // Anything else after a confirmation leaves both keys: the device may have taken the new one.
    return before === 'sent' && NOT_SENT.has(news.what);
  }
}

const isOpen = (state: Giving['state']): boolean => state === 'begun' || state === 'identity' || state === 'sent';

/** Sends the fresh key, once it is stored. From the first moment on nobody else confirms it. */
async function sendKey(
  { register, doorSide }: KeyGivingParts,
  { deviceId, giving, note }: { readonly deviceId: number; readonly giving: Giving; readonly note: Note },
): Promise<void> {
  const { identity } = giving;
  const sent: Giving['state'] = 'sent';
  giving.state = sent;
  let key: Uint8Array;
  try {
    key = await storeNextKey(register, { deviceId, identity }, note);
  } catch (error) {
    if (giving.state === sent) giving.state = 'identity';
    throw error;
  }
  // Its time ran out, or it was ended, while the key was being stored: it is not sent, and waits for nothing.
  if (giving.state !== sent) {
    await dropNextKey(register, deviceId);
    throw refusal('KEY_NOT_ASKED');
  }
  doorSide.commission(deviceId, { act: 'confirm', key });
}

/** A key is proved. The register first: the device has the key, whether the log can be written or not. */
async function proved({ register, audit, clock, onError, changed }: KeyGivingParts, deviceId: number, identity: string): Promise<void> {
  const taken = await keyTaken(register, deviceId, { identity, now: clock() });
  if (taken === undefined) return;
  await changed('register');
  await audit.acted(BY_ITSELF, taken.what, { words: taken.words }).catch((error: unknown) => onError(error, taken.what));
}

export function createKeyGivings(parts: KeyGivingParts): KeyGivings {
  const { register, doorSide, clock, changed, checkIdle } = parts;
  const givings = new Givings(clock);
  function end(deviceId: number, giving: Giving): void {
    giving.state = 'cancelled';
    doorSide.commission(deviceId, { act: 'cancel' });
  }
  return {
    of: (deviceId) => givings.shown(deviceId),
    callOff(deviceId) {
      checkIdle(deviceId);
      givings.checkIdle(deviceId);
      const giving = givings.running(deviceId, 'begun', 'identity');
      if (giving !== undefined) end(deviceId, giving);
    },
    async begin(deviceId, note) {
      checkIdle(deviceId);
      givings.checkIdle(deviceId);
      await checkMayBegin(register, deviceId);
      await note(`device=${deviceId}`);
      givings.checkIdle(deviceId);
      doorSide.commission(deviceId, { act: 'begin', until: givings.begin(deviceId) });
      await changed('state');
    },
    async confirm(deviceId, identity, note) {
      givings.checkIdle(deviceId);
      const giving = givings.running(deviceId, 'identity');
      if (giving === undefined) throw refusal('KEY_NOT_ASKED');
      if (identity.replaceAll('-', '').trim().toLowerCase() !== giving.identity) throw refusal('BAD_INPUT', { field: 'identity', expected: shownIdentity(giving.identity) });
      await sendKey(parts, { deviceId, giving, note });
      await changed('register');
    },
    async cancel(deviceId, note) {
      givings.checkIdle(deviceId);
      const giving = givings.running(deviceId, 'begun', 'identity');
      if (giving === undefined) throw refusal('KEY_NOT_ASKED');
      await note(`device=${deviceId}`);
      givings.checkIdle(deviceId);
      end(deviceId, giving);
      await changed('state');
    },
    async heard(deviceId, news) {
      const unsent = givings.heard(deviceId, news);
      if (news.what === 'done') await proved(parts, deviceId, news.identity);
      if (unsent) {
        await dropNextKey(register, deviceId);
        await changed('register');
      }
      await changed('state');
    },
  };
}
