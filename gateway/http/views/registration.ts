import { maskDocument, maskName } from '../../core/mask.ts';
import { rightTo } from '../../core/matrix.ts';
import { registrationSteps } from '../../core/registration.ts';
import { WORDS } from '../../core/rules/rule.ts';
import type { RegistrationRow } from '../../store/registrations.ts';
import type { RuleRow } from '../../store/rules.ts';
import type { RegistrationView } from '../schemas/registrations.ts';
import type { Viewer } from '../viewer.ts';
import { told } from './told.ts';

const NOBODY = { zh: '', en: '' };

/** Who acts next, and by when. After the stay nobody is waited for. */
function nextOf({ state, over, dueAt }: RegistrationRow): RegistrationView['next'] {
  if (over || state === 'registered') return null;
  return { who: state === 'submitted' ? 'station' : 'declarer', dueAt };
}

function stepsOf({ role }: Viewer, row: RegistrationRow): RegistrationView['steps'] {
  const steps: RegistrationView['steps'] = [];
  if (rightTo('registration', role, 'U') !== undefined) steps.push(...registrationSteps(row, 'declarer'));
  if (rightTo('registration', role, 'X') !== undefined) steps.push(...registrationSteps(row, 'station'));
  return steps;
}

/** A registration as the viewer is told of it; `rules` by row number. Documents are masked for everybody. */
export function registrationView(viewer: Viewer, row: RegistrationRow, rules: ReadonlyMap<number, RuleRow>): RegistrationView {
  const { occupantId, personId, name, documentType, document, unitId, buildingId, building, room, state, seen, words, submittedAt, submittedAs, decidedAt, printedAt, version } =
    row;
  const rule = rules.get(row.ruleId ?? 0);
  const { stayReason, basis, months } = row;
  return {
    ...{ occupantId, personId, documentType, unitId, buildingId, building, room, state, seen, words, submittedAt, submittedAs, decidedAt, printedAt, version },
    name: told(viewer.role).names ? name : maskName(name),
    documentMasked: maskDocument(document),
    next: nextOf(row),
    duty: rule === undefined ? null : { who: WORDS.actors[rule.actor] ?? NOBODY, source: rule.source },
    warnings: [...(row.filed ? [] : (['unitNotFiled'] as const)), ...(seen ? [] : (['unseen'] as const))],
    declared: stayReason === '' ? null : { stayReason, basis, months },
    steps: stepsOf(viewer, row),
  };
}
