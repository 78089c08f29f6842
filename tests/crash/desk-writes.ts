import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Somebody at a desk who makes one building after the other, and remembers which the gateway said it had made. */
export interface DeskWrites {
  readonly made: ReadonlySet<string>;
  /** Works at the gateway of this process until it is gone. */
  work(pid: number | undefined): Promise<void>;
}

interface RunFile {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

function runFile(data: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(path.join(data, 'run.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

export function deskWrites(data: string, isOver: () => boolean): DeskWrites {
  const made = new Set<string>();
  let next = 2;

  async function makeOne({ url, token }: RunFile): Promise<void> {
    const code = `890101001001B${String(next++).padStart(5, '0')}`;
    const answer = await fetch(`${url}/api/v1/buildings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ code, name: code }),
    });
    if (answer.ok) made.add(code);
    else throw new Error(`${answer.status} ${await answer.text()}`);
  }

  return {
    made,
    async work(pid) {
      while (!isOver()) {
        const run = runFile(data);
        if (run !== undefined && run.pid === pid)
          await makeOne(run).catch((error: unknown) => !isOver() && !/fetch failed|terminated/.test(String(error)) && Promise.reject(error));
        else await new Promise((resolve) => setTimeout(resolve, 15));
      }
    },
  };
}
