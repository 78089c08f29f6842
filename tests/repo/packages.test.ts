import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './files.ts';

interface Package {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts?: Record<string, boolean>;
}
interface Lock {
  packages: Record<string, { version?: string; resolved?: string; link?: boolean; integrity?: string; hasInstallScript?: boolean }>;
}

const read = <T>(file: string): T => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const own = read<Package>('package.json');
const { packages } = read<Lock>('package-lock.json');
const installed = Object.entries(packages).filter(([where]) => where !== '');
const direct = Object.entries({ ...own.dependencies, ...own.devDependencies });

describe('package.json', () => {
  test('every version is pinned exactly', () => {
    expect(direct.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  test('the lockfile holds the pinned versions', () => {
    expect(direct.filter(([name, version]) => packages[`node_modules/${name}`]?.version !== version)).toEqual([]);
  });

  test('every package with an install script has been judged', () => {
    const judged = Object.keys(own.allowScripts ?? {}).map((key) => key.replace(/(?<=.)@[^@/]*$/, ''));
    const scripted = installed.filter(([, entry]) => entry.hasInstallScript).map(([where]) => where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(scripted.filter((name) => !judged.includes(name))).toEqual([]);
  });
});

describe('package-lock.json', () => {
  test('names no host but the public registry, and no folder', () => {
    expect(installed.filter(([, entry]) => entry.link || (entry.resolved !== undefined && !entry.resolved.startsWith('https://registry.npmjs.org/')))).toEqual([]);
  });

  test('every package has its checksum', () => {
    expect(installed.filter(([, entry]) => !entry.integrity).map(([where]) => where)).toEqual([]);
  });

  test('Prisma and its engine in WebAssembly are of the same commit (storage.md 6)', () => {
    const engine = own.devDependencies['@prisma/schema-engine-wasm'];
    expect(packages['node_modules/@prisma/engines-version']?.version).toBe(engine);
    expect(engine).toBeDefined();
  });
});
