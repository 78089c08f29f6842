import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** A tree of a few files that keeps every rule. A breach is this tree with one file more or changed. */
const SOUND: Record<string, string> = {
  'gateway/core/ids.ts': 'export type DoorId = number;\n',
  'gateway/core/decide.ts': "import type { DoorId } from './ids.ts';\nexport const decide = (door: DoorId): boolean => door > 0;\n",
  'gateway/wire/pass.ts': 'export const PASS = 1;\n',
  'gateway/wire/seal.ts': "import { createHash } from 'node:crypto';\nimport { PASS } from './pass.ts';\nexport const seal = createHash('sha256').update(String(PASS));\n",
  'gateway/store/entries.ts': "import Database from 'better-sqlite3';\nexport const open = (file: string): unknown => new Database(file);\n",
  'gateway/http/schemas/door.ts': 'export interface DoorView { name: string }\n',
  'gateway/main.ts': "import { open } from './store/entries.ts';\nimport { decide } from './core/decide.ts';\nopen(String(decide(1)));\n",
  'firmware-sim/door.ts':
    "import { seal } from '../gateway/wire/seal.ts';\nimport type { DoorId } from '../gateway/core/ids.ts';\nexport const door: [typeof seal, DoorId] = [seal, 1];\n",
  'console/admin/main.ts': "import type { DoorView } from '../../gateway/http/schemas/door.ts';\nexport const door: DoorView = { name: '' };\n",
  'tests/door.test.ts': "import { door } from '../firmware-sim/door.ts';\nconsole.log(door);\n",
};

const BREACHES: { rule: string; what: string; file: string; text: string }[] = [
  {
    rule: 'no-cycles',
    what: 'two files that need each other, by a type only',
    file: 'gateway/core/here.ts',
    text: "import type { There } from './there.ts';\nexport type Here = There;\n",
  },
  { rule: 'core-is-pure', what: 'core reading a file', file: 'gateway/core/reads.ts', text: "import 'node:fs';\n" },
  { rule: 'core-is-pure', what: 'core seeing the store', file: 'gateway/core/stores.ts', text: "import '../store/entries.ts';\n" },
  { rule: 'core-is-pure', what: 'core using a package', file: 'gateway/core/serves.ts', text: "import 'fastify';\n" },
  { rule: 'wire-is-a-leaf', what: 'wire seeing core', file: 'gateway/wire/knows.ts', text: "import type { DoorId } from '../core/ids.ts';\nexport type D = DoorId;\n" },
  { rule: 'pass-runs-in-a-browser', what: 'the pass needing Node', file: 'gateway/wire/pass-check.ts', text: "import 'node:crypto';\n" },
  {
    rule: 'simulator-knows-wire-and-core',
    what: 'the simulator seeing the store',
    file: 'firmware-sim/stores.ts',
    text: "import { open } from '../gateway/store/entries.ts';\nopen('x');\n",
  },
  {
    rule: 'only-store-sees-the-database',
    what: 'a route opening the database',
    file: 'gateway/http/opens.ts',
    text: "import Database from 'better-sqlite3';\nnew Database('x');\n",
  },
  {
    rule: 'only-store-sees-the-database',
    what: 'a route using Prisma',
    file: 'gateway/http/asks.ts',
    text: "import type { Prisma } from '@prisma/client';\nexport type P = Prisma.Sql;\n",
  },
  {
    rule: 'console-sees-schemas-and-pass',
    what: 'the console seeing the decision',
    file: 'console/admin/decides.ts',
    text: "import { decide } from '../../gateway/core/decide.ts';\ndecide(1);\n",
  },
  { rule: 'nothing-imports-main', what: 'a test starting the gateway by import', file: 'tests/starts.test.ts', text: "import '../gateway/main.ts';\n" },
  { rule: 'product-does-not-import-tests', what: 'the gateway using a test helper', file: 'gateway/borrows.ts', text: "import '../tests/door.test.ts';\n" },
  { rule: 'imports-exist', what: 'an import of what is not there', file: 'gateway/misses.ts', text: "import './nowhere.ts';\n" },
];
const OTHER_HALF = { 'gateway/core/there.ts': "import type { Here } from './here.ts';\nexport type There = Here;\n" };

const project = path.resolve(import.meta.dirname, '../..');
let scratch = '';
let sound: ReturnType<typeof cruise>;
let broken: ReturnType<typeof cruise>;

function plant(files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(scratch, file)), { recursive: true });
    writeFileSync(path.join(scratch, file), text);
  }
}

interface Report {
  modules: { source: string }[];
  summary: { violations: { rule: { name: string }; from: string }[] };
}

/** "rule file" for each breach found in the scratch tree, and how many of its files were looked at. */
function cruise(): { breaches: string[]; files: number } {
  const program = path.join(project, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [program, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'gateway', 'firmware-sim', 'console', 'tests'];
  const done = spawnSync(process.execPath, args, { cwd: scratch, encoding: 'utf8' });
  const { modules, summary }: Report = JSON.parse(done.stdout);
  return {
    breaches: summary.violations.map((violation) => `${violation.rule.name} ${violation.from}`),
    files: modules.filter((module) => existsSync(path.join(scratch, module.source)) && !module.source.includes('node_modules')).length,
  };
}

beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'doorbook-rules-'));
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) cpSync(path.join(project, file), path.join(scratch, file));
  symlinkSync(path.join(project, 'node_modules'), path.join(scratch, 'node_modules'));
  plant(SOUND);
  sound = cruise();
  plant(OTHER_HALF);
  plant(Object.fromEntries(BREACHES.map((breach) => [breach.file, breach.text])));
  broken = cruise();
}, 60_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the import rules', () => {
  test('a sound tree passes, and every file of it is looked at', () => {
    expect(sound).toEqual({ breaches: [], files: Object.keys(SOUND).length });
  });

  test.each(BREACHES)('$rule catches $what', ({ rule, file }) => {
    expect(broken.breaches).toContain(`${rule} ${file}`);
  });
});
