import type { SheetBody } from '../../../gateway/http/schemas/commissioning.ts';

/** A field of the sheet, by its path: its label is `sheet.f.PATH`, the words of a choice `sheet.o.NAME.VALUE`. */
export type Field =
  | { readonly path: Path; readonly kind: 'text' | 'day' | 'check' | 'note' }
  | { readonly path: Path; readonly kind: 'number'; readonly step: number }
  | { readonly path: Path; readonly kind: 'choice'; readonly name: string; readonly options: readonly string[] };
type Section = Exclude<{ [K in keyof SheetBody]: SheetBody[K] extends string ? never : K }[keyof SheetBody], never>;
type Single = Exclude<keyof SheetBody, Section>;
export type Path = { [K in Section]: `${K}.${Extract<keyof SheetBody[K], string>}` }[Section] | Single;

const choice = (path: Path, name: string, ...options: readonly string[]): Field => ({ path, kind: 'choice', name, options });
const text = (path: Path): Field => ({ path, kind: 'text' });
const check = (path: Path): Field => ({ path, kind: 'check' });
const day = (path: Path): Field => ({ path, kind: 'day' });
const number = (path: Path, step = 1): Field => ({ path, kind: 'number', step });
const step = (path: Path, none: boolean): Field => choice(path, 'step', 'pass', 'fail', ...(none ? ['none'] : []));

/** The sheet from top to bottom, as somebody walks round the door. The title of a part is `sheet.p.NAME`. */
export const PARTS = [
  { name: 'lock', fields: [choice('lock.kind', 'lock', 'magnet', 'strike', 'bolt', 'motor', 'other'), choice('lock.failMode', 'failMode', 'safe', 'secure'), text('lock.model')] },
  { name: 'out', fields: [choice('exit.way', 'exit', 'button', 'handle', 'no'), check('exit.tested'), choice('fire.relay', 'fire', 'series', 'none', 'no'), check('fire.tested')] },
  {
    name: 'sensors',
    fields: [choice('contact.fitted', 'fitted', 'yes', 'none'), check('contact.tested'), choice('tamper.fitted', 'fitted', 'yes', 'none'), check('tamper.tested')],
  },
  { name: 'reader', fields: [text('reader.kind'), number('reader.bits'), text('place.where'), number('place.heightCm')] },
  { name: 'wiring', fields: [text('wiring.lock'), text('wiring.reader'), text('wiring.contact'), text('wiring.exit'), text('wiring.fire')] },
  { name: 'power', fields: [text('power.supply'), number('power.batteryAh', 0.1), number('power.hours', 0.1), day('power.testedOn')] },
  {
    name: 'test',
    fields: [
      step('steps.card', false),
      step('steps.refusal', false),
      step('steps.exit', false),
      step('steps.fire', true),
      step('steps.battery', true),
      step('steps.offline', false),
    ],
  },
  { name: 'who', fields: [text('tester'), text('witness'), day('testedOn'), day('retestOn'), { path: 'note', kind: 'note' }] },
] as const satisfies readonly { readonly name: string; readonly fields: readonly Field[] }[];

/** What stands in the fields, by path. */
export type Values = Record<string, string | number | boolean | null>;

/** The values of a sheet, by path. */
export function valuesOf(body: SheetBody): Values {
  const all: Values = {};
  for (const [name, part] of Object.entries(body)) {
    if (typeof part === 'string') all[name] = part;
    else for (const [field, value] of Object.entries(part)) all[`${name}.${field}`] = value;
  }
  return all;
}

/** The sheet these values make, as it is sent. An empty number is none. */
export function bodyOf(values: Values): object {
  const body: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(values)) {
    const [part = '', field] = path.split('.');
    const kept = value === undefined ? null : value;
    if (field === undefined) body[part] = kept;
    else body[part] = { ...Object(body[part]), [field]: kept };
  }
  return body;
}

/** A sheet nobody has filled in. */
export const EMPTY: Values = Object.fromEntries(
  PARTS.flatMap(({ fields }) => fields.map((field: Field) => [field.path, field.kind === 'check' ? false : field.kind === 'number' ? null : ''])),
);
