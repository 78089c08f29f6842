import { chainOf } from '../core/rules/resolve.ts';
import { WORDS } from '../core/rules/rule.ts';
import { SHIPPED_RULES } from '../core/rules/shipped.ts';
import type { Connection } from './sqlite.ts';

const PLACE = `INSERT INTO "Jurisdiction" ("code", "parentCode", "name", "nameEn") VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const RULE = `INSERT INTO "JurisdictionRule" ("jurisdiction", "subject", "mode", "version", "law", "amount", "most", "unit", "actor", "recipient", "exemptions",
  "source", "sourceEn", "article", "verified", "effectiveFrom", "effectiveTo") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/**
 * Adds the rules this program comes with, and places, that the register has none for. What is there stays as it is,
 * also when the program has another value by now: an office may have changed it, and cases were counted by it.
 */
export function addShippedRules(connection: Connection): void {
  const place = connection.prepare(PLACE);
  for (const [code, { zh, en }] of Object.entries(WORDS.jurisdictions)) place.run(code, chainOf(code)[1] ?? null, zh, en);
  const there = new Set(connection.prepare(`SELECT "jurisdiction" || ' ' || "subject" || ' ' || "mode" FROM "JurisdictionRule"`).pluck().all());
  const versions = new Map<string, number>();
  const add = connection.prepare(RULE);
  for (const { jurisdiction, subject, mode, source, exemptions, ...rule } of SHIPPED_RULES) {
    const key = `${jurisdiction} ${subject} ${mode}`;
    if (there.has(key)) continue;
    const version = (versions.get(key) ?? 0) + 1;
    versions.set(key, version);
    const { law, amount, most, unit, actor, recipient, article, verified, effectiveFrom, effectiveTo } = rule;
    const value = [law, amount, most, unit, actor, recipient, exemptions.join(' ')];
    add.run(jurisdiction, subject, mode, version, ...value, source.zh, source.en, article, verified, effectiveFrom, effectiveTo);
  }
}
