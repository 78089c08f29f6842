import law from './law.json' with { type: 'json' };
import { type JurisdictionRule, readRule, RuleError } from './rule.ts';

interface Law {
  readonly zh: string;
  readonly en: string;
  readonly article: string;
  readonly verified: string;
  readonly from?: string;
  readonly until?: string;
}

const LAWS: ReadonlyMap<string, Law> = new Map(Object.entries(law.laws));
/** `3 workingDay`, `200–500 yuan`, or `open yuan` where the law names no amount. */
const VALUE = /^(?:open|(\d+)(?:–(\d+))?) (\w+)$/;
const numberOf = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

/** One line of `law.json`: jurisdiction, subject, law, value, who, whom to, and sometimes exemptions and mode. Throws RuleError. */
export function readLine(line: readonly string[], id: number): JurisdictionRule {
  const [jurisdiction, subject, name, value, actor, recipient, exemptions = '', mode = ''] = line;
  const named = LAWS.get(`${name}`);
  const read = VALUE.exec(`${value}`);
  if (named === undefined) throw new RuleError('law', 'a law of the table');
  if (read === null) throw new RuleError('amount', 'such as "3 workingDay", "200–500 yuan" or "open yuan"');
  const { zh, en, article, verified, from = null, until = null } = named;
  return readRule({
    ...{ id, mode, article, verified },
    ...{ jurisdiction: `${jurisdiction}`, subject: `${subject}`, law: `${name}`, actor: `${actor}`, recipient: `${recipient}` },
    amount: numberOf(read[1]),
    most: numberOf(read[2]),
    unit: `${read[3]}`,
    exemptions: exemptions.split(' ').filter((one) => one !== ''),
    source: { zh, en },
    effectiveFrom: from,
    effectiveTo: until,
  });
}

/**
 * The rules this program comes with: the rows of domain.md 2.2 that are a period or a number. The register is seeded
 * with them; what it holds is what counts. Ids are their places here, from 1.
 */
export const SHIPPED_RULES: readonly JurisdictionRule[] = law.rules.map((line, at) => readLine(line, at + 1));
