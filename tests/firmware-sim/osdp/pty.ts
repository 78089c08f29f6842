import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';

/** Why a test over real ptys cannot run here; undefined: it can. */
export const NO_SOCAT = existsSync('/usr/bin/socat') ? undefined : 'needs socat: apt-get install socat';

/** Two ends of one line, as the system's own ptys. */
export interface PtyPair {
  readonly a: string;
  readonly b: string;
  /** Both are gone, as an adapter that is pulled out; and there again, under the same names. */
  pull(): Promise<void>;
  plug(): Promise<void>;
  stop(): Promise<void>;
}

export async function ptyPair(): Promise<PtyPair> {
  if (NO_SOCAT !== undefined) throw new Error(NO_SOCAT);
  const dir = mkdtempSync(join(tmpdir(), 'doorbook-pty-'));
  const [a, b] = [join(dir, 'a'), join(dir, 'b')];
  let pull: () => Promise<void> = async () => undefined;
  const plug = async (): Promise<void> => {
    const socat = spawn('/usr/bin/socat', [`pty,raw,echo=0,link=${a}`, `pty,raw,echo=0,link=${b}`], { stdio: 'ignore' });
    const over = new Promise<void>((resolve) => void socat.once('exit', () => resolve()));
    pull = () => {
      socat.kill();
      return over;
    };
    await vi.waitFor(() => {
      if (!existsSync(a) || !existsSync(b)) throw new Error('no pty yet');
    });
  };
  await plug();
  return {
    a,
    b,
    plug,
    pull: () => pull(),
    async stop() {
      await pull();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
