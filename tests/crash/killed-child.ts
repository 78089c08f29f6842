import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { expect } from 'vitest';

/**
 * Runs a child program until it has printed so many lines and a moment more has passed, kills it without warning, and
 * returns the whole lines it printed: what it had told the world when it ended.
 */
export async function killedAfterLines(program: string, args: readonly string[], lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let [said, seen] = ['', 0];
  let dying = false;
  child.stdout.on('data', (part: Buffer) => {
    const text = part.toString();
    said += text;
    seen += text.split('\n').length - 1;
    if (seen < lines || dying) return;
    dying = true;
    setTimeout(() => child.kill('SIGKILL'), randomInt(0, 15));
  });
  await new Promise((resolve) => child.once('close', resolve));
  expect(child.signalCode).toBe('SIGKILL');
  return said
    .slice(0, said.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
}
