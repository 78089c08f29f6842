import { addDays, localDate, type LocalDate } from '../core/local-date.ts';

/** What is tried before a witness when a door is handed over, in the order somebody does it. */
export const TEST_STEPS = ['card', 'refusal', 'exit', 'fire', 'battery', 'offline'] as const;
/** One of `TEST_STEPS`. */
export type TestStep = (typeof TEST_STEPS)[number];
/** How a step went; `none`: there is nothing to try; '' not tried yet. */
export type StepResult = '' | 'pass' | 'fail' | 'none';

/** How a door is wired and what it was seen to do. '' and null: not filled in yet. Days are local. */
export interface SheetBody {
  readonly lock: {
    readonly kind: '' | 'magnet' | 'strike' | 'bolt' | 'motor' | 'other';
    readonly model: string /** Without power: safe opens, secure stays locked. */;
    readonly failMode: '' | 'safe' | 'secure';
  };
  /** Does the fire alarm cut the lock's power itself, in series, past the controller? */
  readonly fire: { readonly relay: '' | 'series' | 'no' | 'none'; readonly tested: boolean };
  /** How somebody gets out without the controller: a button that cuts the lock's power, a handle that moves the latch, not at all. */
  readonly exit: { readonly way: '' | 'button' | 'handle' | 'no'; readonly tested: boolean };
  readonly contact: { readonly fitted: '' | 'yes' | 'none'; readonly tested: boolean };
  readonly tamper: { readonly fitted: '' | 'yes' | 'none'; readonly tested: boolean };
  /** `bits`: data bits the reader gives. */
  readonly reader: { readonly kind: string; readonly bits: number | null };
  /** From which terminal of the controller to which of the part. */
  readonly wiring: { readonly lock: string; readonly reader: string; readonly contact: string; readonly exit: string; readonly fire: string };
  /** Capacity in ampere-hours, null without a battery; hours it was seen to last. */
  readonly power: { readonly supply: string; readonly batteryAh: number | null; readonly hours: number | null; readonly testedOn: LocalDate | '' };
  readonly place: { readonly where: string; readonly heightCm: number | null };
  readonly steps: Readonly<Record<TestStep, StepResult>>;
  readonly tester: string;
  readonly witness: string;
  readonly testedOn: LocalDate | '';
  readonly retestOn: LocalDate | '';
  readonly note: string;
}

/** A sheet nobody has filled in. */
export const EMPTY_SHEET: SheetBody = {
  lock: { kind: '', model: '', failMode: '' },
  fire: { relay: '', tested: false },
  exit: { way: '', tested: false },
  contact: { fitted: '', tested: false },
  tamper: { fitted: '', tested: false },
  reader: { kind: '', bits: null },
  wiring: { lock: '', reader: '', contact: '', exit: '', fire: '' },
  power: { supply: '', batteryAh: null, hours: null, testedOn: '' },
  place: { where: '', heightCm: null },
  steps: { card: '', refusal: '', exit: '', fire: '', battery: '', offline: '' },
  tester: '',
  witness: '',
  testedOn: '',
  retestOn: '',
  note: '',
};

/** Why a sheet cannot be signed: the field, and what is expected there, in both languages. */
export interface SheetFault {
  readonly field: string;
  readonly expected: string;
}

/** Days from one test to the next, at most. */
const MOST_RETEST_DAYS = 3 * 365;

const FILL = '必填 / required';
const TRY = '试过、通过才能签 / tried and passed before it is signed';

type Rule = readonly [field: string, fault: boolean, expected: string];

/** Parts: what there is, and that it was tried. GB 50396-2007 9.0.1: out without a key, whatever the controller does. */
const partRules = ({ lock, fire, exit, contact, tamper, reader, place }: SheetBody): readonly Rule[] => [
  ['lock.kind', lock.kind === '', FILL],
  ['lock.failMode', lock.failMode === '', FILL],
  ['fire.relay', fire.relay === '', FILL],
  ['fire.relay', fire.relay === 'no', '消防继电器串在锁的电源里，或没有消防联动 / a fire relay in series with the power of the lock, or no fire alarm'],
  ['fire.tested', fire.relay === 'series' && !fire.tested, TRY],
  ['exit.way', exit.way === '', FILL],
  ['exit.way', exit.way === 'no', '出门按钮自己断锁电，或门里有把手 / a button that cuts the power of the lock itself, or a handle'],
  ['exit.tested', !exit.tested, TRY],
  ['contact.fitted', contact.fitted === '', FILL],
  ['contact.tested', contact.fitted === 'yes' && !contact.tested, TRY],
  ['tamper.fitted', tamper.fitted === '', FILL],
  ['tamper.tested', tamper.fitted === 'yes' && !tamper.tested, TRY],
  ['reader.kind', reader.kind === '', FILL],
  ['reader.bits', reader.bits === null, FILL],
  ['place.where', place.where === '', FILL],
];

const wireRules = ({ wiring, power, contact, fire }: SheetBody, today: LocalDate): readonly Rule[] => [
  ['wiring.lock', wiring.lock === '', FILL],
  ['wiring.reader', wiring.reader === '', FILL],
  ['wiring.contact', contact.fitted === 'yes' && wiring.contact === '', FILL],
  ['wiring.exit', wiring.exit === '', FILL],
  ['wiring.fire', fire.relay === 'series' && wiring.fire === '', FILL],
  ['power.supply', power.supply === '', FILL],
  ['power.hours', power.batteryAh !== null && power.hours === null, FILL],
  ['power.testedOn', power.batteryAh !== null && power.testedOn === '', FILL],
  ['power.testedOn', power.testedOn > today, '今天或以前 / today or before'],
];

const mayBeNone = ({ fire, power }: SheetBody, step: TestStep): boolean => (step === 'fire' && fire.relay === 'none') || (step === 'battery' && power.batteryAh === null);

const stepRules = (body: SheetBody): readonly Rule[] =>
  TEST_STEPS.flatMap((step): Rule[] => {
    const result = body.steps[step];
    return [
      [`steps.${step}`, result === '', FILL],
      [`steps.${step}`, result === 'fail', '没通过：修好再试 / failed: mend it and try again'],
      [`steps.${step}`, result === 'none' && !mayBeNone(body, step), '通过 / passed'],
    ];
  });

const personRules = ({ tester, witness, testedOn, retestOn }: SheetBody, today: LocalDate): readonly Rule[] => [
  ['tester', tester === '', FILL],
  ['witness', witness === '', FILL],
  ['witness', witness === tester, '另一个人 / somebody else than the tester'],
  ['testedOn', testedOn === '', FILL],
  ['testedOn', testedOn > today, '今天或以前 / today or before'],
  ['retestOn', retestOn === '', FILL],
  ['retestOn', retestOn <= testedOn || (testedOn !== '' && retestOn > addDays(testedOn, MOST_RETEST_DAYS)), '测试以后三年以内 / within three years after the test'],
];

/** Why this sheet cannot be signed on this day, the topmost field first; undefined: it can. */
export function sheetFault(body: SheetBody, today: LocalDate): SheetFault | undefined {
  const rules = [...partRules(body), ...wireRules(body, today), ...stepRules(body), ...personRules(body, today)];
  const found = rules.find(([, fault]) => fault);
  return found === undefined ? undefined : { field: found[0], expected: found[2] };
}

/** Is it a day of the calendar, or left empty? */
export const isDayOrEmpty = (text: string): boolean => text === '' || localDate(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))) === text;
