import { createConnection } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { SimAnswer, Simulator } from './deps.ts';
import { refusal } from './problem.ts';

/** Longest a simulated door may take: a tap with its repeats, or a power cut. */
const PATIENCE_MS = 5_000;

const isAnswer = (value: unknown): value is SimAnswer => typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The simulated doors behind DATA/sim.sock: one JSON line to and fro on a connection of its own. */
export function createSimulator(dataDirectory: string): Simulator {
  return {
    ask: (act) =>
      new Promise((resolve, reject) => {
        const socket = createConnection(path.join(dataDirectory, 'sim.sock'));
        const give = (settle: () => void): void => {
          clearTimeout(late);
          socket.destroy();
          settle();
        };
        const late = setTimeout(() => give(() => reject(refusal('SIM_SILENT'))), PATIENCE_MS);
        socket.on('error', () => give(() => reject(refusal('SIM_SILENT'))));
        socket.on('connect', () => socket.write(`${JSON.stringify({ id: 1, ...act })}\n`));
        createInterface({ input: socket })
          .on('line', (line) => {
            const answer = parsed(line);
            give(() => (isAnswer(answer) ? resolve(answer) : reject(refusal('SIM_SILENT'))));
          })
          .on('error', () => undefined);
        socket.on('end', () => give(() => reject(refusal('SIM_SILENT'))));
      }),
  };
}
