import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Report, Wish } from './fuzz.ts';
import type { HttpReport } from './http-run.ts';

/** A share of a run, as it travels to the process that does it. */
export type Work = { readonly target: string; readonly wish: Wish } | { readonly http: { readonly seed: number; readonly requests: number } };

/** Does a share in this process. Only what it needs is loaded. */
export async function work(share: Work): Promise<Report | HttpReport> {
  if ('http' in share) return (await import('./http-run.ts')).runHttp(share.http);
  const [{ fuzz }, { TARGETS }] = await Promise.all([import('./fuzz.ts'), import('./targets.ts')]);
  const target = TARGETS.find(({ name }) => name === share.target);
  if (target === undefined) throw new Error(`target: expected one of ${TARGETS.map(({ name }) => name).join(', ')}; got ${share.target}`);
  return fuzz(target, share.wish);
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Does a share in a process of its own. Rejects with what that process said when it fails. */
export function elsewhere<T extends Report | HttpReport>(share: Work): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', here('./register.mjs'), here('./worker.mjs'), JSON.stringify(share)], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [said, wrong]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (part: Buffer) => said.push(part));
    child.stderr.on('data', (part: Buffer) => wrong.push(part));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(said).toString()));
      else reject(new Error(`the process ended with ${code ?? signal}\n${Buffer.concat(wrong).toString().slice(-8000)}`));
    });
  });
}
