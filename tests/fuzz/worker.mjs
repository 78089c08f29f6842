/** One share of a big run, in a process of its own: `node --import ./tests/fuzz/register.mjs tests/fuzz/worker.mjs '{"http":…}'`. */
import { work } from './work.ts';

process.stdout.write(JSON.stringify(await work(JSON.parse(process.argv[2] ?? '{}'))));
