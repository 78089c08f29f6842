import { EMPTY_SHEET, type SheetBody } from '../../gateway/register/commissioning.ts';

/** The day of the fixtures' NOON. */
export const SHEET_DAY = '2026-07-01';
/** A sheet that can be signed on that day. */
export const WHOLE_SHEET: SheetBody = {
  ...EMPTY_SHEET,
  lock: { kind: 'magnet', model: 'ML-280', failMode: 'safe' },
  fire: { relay: 'series', tested: true },
  exit: { way: 'button', tested: true },
  contact: { fitted: 'yes', tested: true },
  tamper: { fitted: 'none', tested: false },
  reader: { kind: 'Wiegand 13.56 MHz', bits: 32 },
  wiring: { lock: 'K1 NC → 锁 +', reader: 'D0/D1', contact: 'IN1', exit: 'IN2', fire: '串在锁 +' },
  power: { supply: '12 V 3 A', batteryAh: 7, hours: 6.5, testedOn: SHEET_DAY },
  place: { where: '门右侧', heightCm: 120 },
  steps: { card: 'pass', refusal: 'pass', exit: 'pass', fire: 'pass', battery: 'pass', offline: 'pass' },
  tester: '周师傅',
  witness: '陈国栋',
  testedOn: SHEET_DAY,
  retestOn: '2027-07-01',
};
