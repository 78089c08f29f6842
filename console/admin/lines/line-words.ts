import type { DeviceTestView, LineDeviceView, LinePoint, LineView } from '../../../gateway/http/schemas/serial-lines.ts';
import { known, t } from '../../parts/i18n.svelte.ts';

type Tone = 'granted' | 'refused' | 'attention' | 'info' | 'none';
const TONES: Readonly<Record<LineDeviceView['state'], Tone>> = {
  up: 'granted',
  degraded: 'attention',
  offline: 'refused',
  waiting: 'attention',
  commissioning: 'info',
  unknown: 'none',
};
/** How a device's state looks. */
export const toneOf = ({ state }: LineDeviceView): Tone => TONES[state];

/** How what a device came to in a test looks. */
export function testTone(word: DeviceTestView['verdict']['word']): Tone {
  if (word === 'good') return 'granted';
  if (word === 'few' || word === 'not-asked') return 'none';
  return word === 'silent' || word === 'unreadable' || word === 'codes' ? 'refused' : 'attention';
}

/** A share in percent with the counts it is of; words when nothing was sent yet. */
export function rateOf(count: number, sent: number): string {
  if (sent === 0) return t('lines.rate.none');
  const percent = (100 * count) / sent;
  return t('lines.rate', {
    percent: percent === 0 || percent >= 10 ? Math.round(percent) : percent.toFixed(percent < 0.1 ? 3 : 1),
    count: count.toLocaleString('en'),
    sent: sent.toLocaleString('en'),
  });
}

/** The half of a reason given as "port: Chinese。 English" that is on screen; the whole when it is not of that form. */
export function halfOf(why: string, wish: 'zh' | 'en'): string {
  const [, port, zh, en] = /^(\S+): (.*。) (.+)$/.exec(why) ?? [];
  if (port === undefined) return why;
  return wish === 'zh' ? `${port}：${zh}` : `${port}: ${en}`;
}

/** What to do about a port that cannot be had. */
export function adviceOn(why: string): string {
  if (/no such port/i.test(why)) return t('lines.do.missing');
  if (/no permission/i.test(why)) return t('lines.do.permission');
  if (/in use by another/i.test(why)) return t('lines.do.busy');
  return /port is gone/i.test(why) ? t('lines.do.gone') : t('lines.do.other');
}

/** Asked often enough to say that something is wrong with a line as a whole. */
const ENOUGH = 50;
/** What is wrong with a line whose port is open: nobody answers, or hardly anything can be read. */
export function troubleOf({ portUp, counts: { sent, answered, badChecks }, devices }: LineView): 'silent' | 'garbled' | undefined {
  if (!portUp || sent < ENOUGH || devices.some(({ state }) => state === 'up')) return undefined;
  if (badChecks > answered) return 'garbled';
  return answered === 0 ? 'silent' : undefined;
}

/** The last alarm of a device as a sentence. */
export const alarmWords = (what: string): string => known('lines.alarm', what) ?? t('lines.alarm.other', { what });

/** Maker (OUI), model and serial number of an identity, for a person to compare with a label; the whole as the serial number when it is not of that form. */
export function partsOf(identity: string): { readonly maker: string; readonly model: string; readonly serial: string } {
  const [, maker = '', model = '', serial = ''] = /^([0-9a-f]{6})-?([0-9a-f]{2})-?([0-9a-f]{8})$/i.exec(identity) ?? [];
  if (maker === '') return { maker: '–', model: '–', serial: identity };
  return {
    maker: maker.toUpperCase().replace(/..(?=.)/g, '$&-'),
    model: String(Number.parseInt(model, 16)),
    serial: `${serial.toUpperCase()} (${Number.parseInt((serial.match(/../g) ?? []).reverse().join(''), 16)})`,
  };
}

const GIVING_MOST_S = 300;
/** The longest test of a line, seconds. */
export const TEST_MOST_S = 600;

/** "5:00" to "0:00" until a moment (both epoch ms); never more seconds than there can be: clocks differ. */
export function leftOf(until: number, at: number, most = GIVING_MOST_S): string {
  const seconds = Math.max(0, Math.min(most, Math.ceil((until - at) / 1000)));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The lowest address that nobody on the line has or is being given. */
export const freeAddress = ({ devices }: Pick<LineView, 'devices'>): number =>
  Array.from({ length: 127 }, (_, at) => at).find((at) => devices.every(({ address, nextAddress }) => address !== at && nextAddress !== at)) ?? 0;

/** Devices that are not up, and would not hear of another speed; in the order of the line. */
export const awayOn = ({ devices }: Pick<LineView, 'devices'>): number[] => devices.flatMap(({ id, state }) => (state === 'up' || state === 'degraded' ? [] : [id]));

// Name of a device on its line.
const deviceName = ({ devices }: Pick<LineView, 'devices'>, id: number): string => devices.find((each) => each.id === id)?.name ?? '–';

/** Which devices a door is made of, in one line. */
export function wiringWords(line: Pick<LineView, 'devices'>, { wiring }: LineView['doors'][number]): string {
  if (wiring === null) return t('lines.door.unwired');
  const at = (key: 'lines.wire.contact.is' | 'lines.wire.exit.is', point: LinePoint | null): string[] =>
    point === null ? [] : [t(key, { device: deviceName(line, point.deviceId), input: point.input })];
  const first = t('lines.wire.is', { reader: deviceName(line, wiring.readerId), relay: deviceName(line, wiring.relayId), output: wiring.relayOutput });
  return [first, ...at('lines.wire.contact.is', wiring.contact), ...at('lines.wire.exit.is', wiring.exit)].join(' · ');
}
