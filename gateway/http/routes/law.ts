import { dateAt, startOfDay } from '../../core/local-date.ts';
import { rightTo } from '../../core/matrix.ts';
import { chainOf, createRuleBook } from '../../core/rules/resolve.ts';
import { isDay, isJurisdiction, modeOf, RuleError, type Subject, subjectOf, SUBJECTS } from '../../core/rules/rule.ts';
import { changeRule, checkRuleChange, RuleStale, type RuleWish } from '../../register/change-rule.ts';
import { PUBLIC_HOLIDAYS } from '../../register/public-holidays.ts';
import { allRules, jurisdictions, rulesOf } from '../../store/rules.ts';
import { type App, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { DueAnswer, DueQuery, LawChange, LawHistory, LawHistoryQuery, LawPage, LawPlaces, LawQuery } from '../schemas/law.ts';
import { Asked } from '../schemas/offices.ts';
import type { Site } from '../site.ts';
import { allNamed, lawHere, lawRule, placeNamed } from '../views/law.ts';

/** The kind of act that changes a rule. */
const KIND = 'rule';
const READ = may('rule', 'R', 'list');

/** A refusal of the register as the answer a person gets; anything else is thrown on. */
function lawTold(error: unknown): never {
  if (error instanceof RuleError) throw refusal('BAD_INPUT', { field: error.field, expected: error.expected });
  if (error instanceof RuleStale) throw refusal('STALE_VERSION');
  throw error;
}

function placeOf(jurisdiction: string): string {
  if (!isJurisdiction(jurisdiction)) throw refusal('BAD_INPUT', { field: 'jurisdiction', expected: 'CN | CN-33 | CN-3301 | CN-330106 | CLASSIC' });
  return jurisdiction;
}
function needSubject(name: string): Subject {
  const subject = subjectOf(name);
  if (subject === undefined) throw refusal('BAD_INPUT', { field: 'subject', expected: [...SUBJECTS.keys()].join(' | ') });
  return subject;
}
function needDay(day: string): string {
  if (!isDay(day)) throw refusal('BAD_INPUT', { field: 'on', expected: '日期，如 2026-07-01 / a day such as 2026-07-01' });
  return day;
}

const value = ({ amount, unit }: RuleWish): string => (amount === null ? '?' : `${amount} ${unit}`);

/** Changes of rules wait for another district administrator (domain.md 5.8: X). */
function changeRoutes(app: App, { secondPerson, deps: { register, clock } }: Site): void {
  secondPerson.register<RuleWish>(KIND, {
    approvers: ['DA'],
    describe(wish) {
      const spec = SUBJECTS.get(wish.subject);
      const where = `${wish.jurisdiction} ${wish.mode}`.trim();
      return {
        zh: `改规则 ${where}：${spec?.zh}，${value(wish)}，从 ${wish.effectiveFrom} 起`,
        en: `Change a rule of ${where}: ${spec?.en}, ${value(wish)}, from ${wish.effectiveFrom}`,
      };
    },
    async run(wish, approver) {
      await changeRule(register, wish, { by: approver.accountId, now: clock() }).catch(lawTold);
    },
  });

  app.post(
    '/rules',
    {
      config: may('rule', 'U', 'list', { only: ['DA'] }),
      schema: { summary: 'Change a rule from a day on; deadlines that stand keep theirs. Waits for a second person (202)', body: LawChange, response: { 202: Asked, ...PROBLEMS } },
    },
    async (request, reply) => {
      const { reason, ...wish } = request.body;
      await checkRuleChange(register, wish, clock()).catch(lawTold);
      reply.code(202);
      return { act: await secondPerson.ask(who(request), KIND, wish, reason) };
    },
  );
}

function pageRoutes(app: App, { deps: { register, clock } }: Site): void {
  app.get(
    '/jurisdictions',
    { config: READ, schema: { summary: 'Places with rules of their own, and the words of rules', response: { 200: LawPlaces, ...PROBLEMS } } },
    async () => {
      const places = await jurisdictions(register.read);
      return {
        places: places.map(({ code }) => placeNamed(places, code)),
        ...{ modes: allNamed('modes'), actors: allNamed('actors'), recipients: allNamed('recipients'), marks: allNamed('verified') },
      };
    },
  );

  app.get(
    '/rules',
    { config: READ, schema: { summary: 'The rules that hold in a place on a day, and whose they are', querystring: LawQuery, response: { 200: LawPage, ...PROBLEMS } } },
    async (request) => {
      const { jurisdiction, mode = '', on = dateAt(clock()) } = request.query;
      const here = { jurisdiction: placeOf(jurisdiction), mode, on: needDay(on) };
      const [rows, places] = [await allRules(register.read), await jurisdictions(register.read)];
      const book = createRuleBook(rows, PUBLIC_HOLIDAYS);
      const rules = [...SUBJECTS.keys()].flatMap((name) => {
        const found = book.at({ ...here, subject: needSubject(name) });
        return found === undefined ? [] : [lawHere(name, found, rows, { here, places })];
      });
      const mayChange = who(request).role === 'DA' && rightTo('rule', 'DA', 'U') !== undefined;
      return { on, chain: chainOf(jurisdiction).map((code) => placeNamed(places, code)), rules, holidaysTo: PUBLIC_HOLIDAYS.lastYear, mayChange };
    },
  );
}

/** Rules of jurisdictions: what holds where, what is due by it, and changing it. */
export function lawRoutes(app: App, site: Site): void {
  const { register, clock } = site.deps;
  pageRoutes(app, site);
  changeRoutes(app, site);

  app.get(
    '/rules/history',
    { config: READ, schema: { summary: 'Every rule a place ever had of one subject, oldest first', querystring: LawHistoryQuery, response: { 200: LawHistory, ...PROBLEMS } } },
    async (request) => {
      const { jurisdiction, subject, mode = '' } = request.query;
      const [rows, places] = [await rulesOf(register.read, { jurisdiction: placeOf(jurisdiction), subject: needSubject(subject), mode }), await jurisdictions(register.read)];
      return { rules: rows.map((row) => lawRule(row, places)) };
    },
  );

  app.get(
    '/rules/due',
    { config: READ, schema: { summary: 'When something would be due, by which rule, and how it was counted', querystring: DueQuery, response: { 200: DueAnswer, ...PROBLEMS } } },
    async (request) => {
      const { jurisdiction, subject, mode = '', on, at } = request.query;
      const trigger = at ?? (on === undefined ? clock() : startOfDay(needDay(on)));
      const question = { subject: needSubject(subject), jurisdiction: placeOf(jurisdiction), mode: modeOf(mode) };
      const [rows, places] = [await allRules(register.read), await jurisdictions(register.read)];
      const found = createRuleBook(rows, PUBLIC_HOLIDAYS).due(question, trigger);
      if (found === undefined) return { due: null };
      return { due: { dueAt: found.dueAt, rule: lawRule(found.rule, places), explains: found.explains.map(({ code, values }) => ({ code, values: { ...values } })) } };
    },
  );
}
