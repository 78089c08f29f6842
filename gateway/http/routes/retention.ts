import { daysRefused, RETENTION, type RetentionRule, retentionKind } from '../../core/retention.ts';
import { daysKept } from '../../register/run-retention.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { pageAsked, pageOf } from '../page.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { ByKind, DueList, RuleList, RuleSet, RuleView, RunPage, RunQuery, RunView, RunWish } from '../schemas/rights.ts';
import type { Site } from '../site.ts';
import { dueView, ruleView, runView } from '../views/retention.ts';

const READERS = ['SA', 'AU', 'PO'] as const;

/** The rule a person names, when runs go by it. */
function ruleFor(kind: string): RetentionRule {
  const known = retentionKind(kind);
  const rule = known === undefined ? undefined : RETENTION.get(known);
  if (rule === undefined) throw refusal('NOT_FOUND');
  if (rule.by !== 'run') throw refusal('BAD_INPUT', { field: 'kind', expected: [...RETENTION.values()].flatMap(({ by, kind: each }) => (by === 'run' ? each : [])).join(' | ') });
  return rule;
}

function ruleRoutes(app: App, { retention, audit, deps: { clock } }: Site): void {
  const { store } = retention;
  app.get(
    '/retention',
    { config: may('retention', 'R', 'site', { only: READERS }), schema: { summary: 'How long each kind of data is kept, and why', response: { 200: RuleList, ...PROBLEMS } } },
    async () => {
      const [set, entryDays] = [await store.rules(), await daysKept(store, 'entries')];
      return { rules: [...RETENTION.values()].map((rule) => ruleView(rule, set.get(rule.kind), entryDays)) };
    },
  );

  app.get(
    '/retention/:kind',
    {
      config: may('retention', 'R', 'site', { only: READERS }),
      schema: { summary: 'How long one kind of data is kept', params: ByKind, response: { 200: RuleView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const kind = retentionKind(request.params.kind);
      const rule = kind === undefined ? undefined : RETENTION.get(kind);
      if (kind === undefined || rule === undefined) throw refusal('NOT_FOUND');
      const set = await store.rule(kind);
      setVersion(reply, set?.version ?? 0);
      return ruleView(rule, set, await daysKept(store, 'entries'));
    },
  );

  app.put(
    '/retention/:kind',
    {
      config: may('retention', 'U', 'site', { only: ['PO'], strong: true }),
      schema: { summary: 'Set how long a kind of data is kept', params: ByKind, body: RuleSet, response: { 200: RuleView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const rule = ruleFor(request.params.kind);
      const version = (await store.rule(rule.kind))?.version ?? 0;
      needVersion(request, version);
      const { days, understood = false } = request.body;
      const refused = daysRefused(rule, days, understood);
      if (refused === 'borders') throw refusal('BAD_INPUT', { field: 'days', expected: `${rule.least}–${rule.most}: ${rule.law.zh} / ${rule.law.en}` });
      if (refused === 'warning') throw refusal('LAW_WARNING', { field: 'understood', expected: `${rule.warn?.words.zh} / ${rule.warn?.words.en}` });
      await audit.acted(viewer, 'retention-set', { words: `${rule.kind}: ${days} days` });
      if (!(await store.setRule(rule.kind, { days, version, by: viewer.accountId }, clock()))) throw refusal('STALE_VERSION');
      const set = await store.rule(rule.kind);
      setVersion(reply, set?.version ?? 0);
      return ruleView(rule, set, await daysKept(store, 'entries'));
    },
  );
}

function runRoutes(app: App, { retention, audit }: Site): void {
  const { store } = retention;
  app.get(
    '/retention/runs',
    {
      config: may('retention', 'R', 'site', { only: READERS }),
      schema: { summary: 'Runs and their deletion receipts, newest first', querystring: RunQuery, response: { 200: RunPage, ...PROBLEMS } },
    },
    async (request) => {
      const { limit, after } = pageAsked(request.query, ['number']);
      const page = pageOf(await store.runs(limit + 1, after?.[0]), limit, ({ id }) => [id]);
      return { runs: page.rows.map(runView), next: page.next };
    },
  );

  app.post(
    '/retention/runs',
    {
      config: may('retention', 'C', 'site', { only: ['PO'] }),
      schema: { summary: 'Begin a run: it waits for approval, unless it is a kind that goes by itself', body: RunWish, response: { 200: RunView, ...PROBLEMS } },
    },
    async (request) => {
      const { kind } = ruleFor(request.body.kind);
      if ([...(await store.runsIn('waiting', kind)), ...(await store.runsIn('running', kind))].length > 0) throw refusal('RUN_OPEN');
      await audit.acted(who(request), 'retention-begun', { words: kind });
      return runView(await retention.begin(kind));
    },
  );

  for (const act of ['approve', 'refuse'] as const) {
    app.post(
      `/retention/runs/:id/${act}`,
      {
        config: may('retention', 'X', 'site', { only: ['PO'], strong: true }),
        schema: { summary: act === 'approve' ? 'Let a waiting run destroy what is due' : 'Call a waiting run off', params: ById, response: { 200: RunView, ...PROBLEMS } },
      },
      async (request) => runView(await retention[act](who(request), request.params.id)),
    );
  }
}

/** Retention: rules, what is due, runs. */
export function retentionRoutes(app: App, site: Site): void {
  runRoutes(app, site);
  app.get(
    '/retention/due',
    { config: may('retention', 'R', 'site', { only: READERS }), schema: { summary: 'What runs would find now', response: { 200: DueList, ...PROBLEMS } } },
    async () => {
      const due = [];
      for (const { kind, by } of RETENTION.values()) if (by === 'run') due.push(dueView(kind, await site.retention.preview(kind)));
      return { due };
    },
  );
  ruleRoutes(app, site);
}
