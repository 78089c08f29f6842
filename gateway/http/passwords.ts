import { hash, verify } from '@node-rs/argon2';
import { passwordText } from './password-policy.ts';
import { refusal } from './problem.ts';

/** argon2id, 19 MiB, two passes (OWASP; security.md 1b): about 50 ms. The package's default algorithm is argon2id. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const AT_ONCE = 2;
const QUEUE = 20;

/** Hashing costs memory and a core on purpose, so it is rationed. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Works as long for '' or a damaged hash as for a real one, and answers false. */
  verify(stored: string, password: string): Promise<boolean>;
}

/** A gate that lets a few through at a time, keeps a few waiting and turns the rest away. */
function createGate(): <R>(work: () => Promise<R>) => Promise<R> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= AT_ONCE) {
      if (waiting.length >= QUEUE) throw refusal('BUSY', { retryAfter: 2 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** Two hashes at once, twenty waiting; more are refused with BUSY. */
export function createPasswords(): Passwords {
  const gate = createGate();
  let dummy: Promise<string> | undefined;
  return {
    hash: (password) => gate(() => hash(passwordText(password), COST)),
    verify: (stored, password) =>
      gate(async () => {
        const usable = stored.startsWith('$argon2id$');
        dummy ??= hash('nobody', COST);
        const same = await verify(usable ? stored : await dummy, passwordText(password)).catch(() => false);
        return usable && same;
      }),
  };
}
