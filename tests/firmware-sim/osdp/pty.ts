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
  stop(): Promise<void>;
}

export async function ptyPair(): Promise<PtyPair> {
  if (NO_SOCAT !== undefined) throw new Error(NO_SOCAT);
  const dir = mkdtempSync(join(tmpdir(), 'doorbook-pty-'));
  const [a, b] = [join(dir, 'a'), join(dir, 'b')];
  const socat = spawn('/usr/bin/socat', [`pty,raw,echo=0,link=${a}`, `pty,raw,echo=0,link=${b}`], { stdio: 'ignore' });
  const over = new Promise<void>((resolve) => void socat.once('exit', () => resolve()));
  await vi.waitFor(() => {
    if (!existsSync(a) || !existsSync(b)) throw new Error('no pty yet');
  });
  return {
    a,
    b,
    async stop() {
      socat.kill();
      await over;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
