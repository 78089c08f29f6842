/** The fuzzer as a command: see `scripts/fuzz.mjs`. */
import { command } from './command.ts';

process.exitCode = await command(process.argv.slice(2));
