/** What a report of Stryker says of one file, held against its floor and the list of survivors. Pure. */

const CUT = 100;
const oneLine = (text) => {
  const plain = text.replace(/\s+/g, ' ').trim();
  return plain.length > CUT ? `${plain.slice(0, CUT)}…` : plain;
};

/** @typedef {{ status: string, location: { start: Spot, end: Spot }, replacement?: string, killedBy?: string[], testsCompleted?: number }} Mutant of a report of Stryker */
/** @typedef {{ line: number, column: number }} Spot counted from 1 */

/**
 * A mutant by its line with the change in it, `if (⟦a < b ⇒ a <= b⟧) return;`: lines may move, the text stays.
 * @param {string} source
 * @param {Pick<Mutant, 'location' | 'replacement'>} mutant
 */
export function nameOf(source, { location: { start, end }, replacement }) {
  const lines = source.split('\n');
  const first = lines[start.line - 1] ?? '';
  const original = start.line === end.line ? first.slice(start.column - 1, end.column - 1) : `${first.slice(start.column - 1)} …`;
  const after = start.line === end.line ? first.slice(end.column - 1) : '';
  return `${first.slice(0, start.column - 1).trimStart()}⟦${oneLine(original)} ⇒ ${oneLine(replacement ?? '')}⟧${after.trimEnd()}`;
}

/** Names of some mutants of a file; of two that read alike the second is `… (2)`. */
function named(source, mutants) {
  const seen = new Map();
  return mutants.map((mutant) => {
    const name = nameOf(source, mutant);
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return { mutant, name: times === 1 ? name : `${name} (${times})` };
  });
}

/** A module that does not load takes its tests with it: the runner finds none that fails and calls the mutant a survivor. */
const didNotLoad = ({ status, testsCompleted }) => status === 'Survived' && testsCompleted === 0;
const isDead = (mutant) => mutant.status === 'Killed' || mutant.status === 'Timeout' || didNotLoad(mutant);
const isAlive = (mutant) => mutant.status === 'NoCoverage' || (mutant.status === 'Survived' && !didNotLoad(mutant));

/**
 * @param {string} file
 * @param {{ source: string, mutants: Mutant[] }} result of the report
 * @param {{ floor: number, listAll?: boolean, listed: { equivalent: boolean, mutants: string[] }[], testFile: (id: string) => string }} against
 */
export function judge(file, { source, mutants }, { floor, listAll = true, listed, testFile }) {
  const all = named(source, mutants);
  const alive = all.filter(({ mutant }) => isAlive(mutant)).map(({ name }) => name);
  const dead = all.filter(({ mutant }) => isDead(mutant));
  const late = new Set(all.filter(({ mutant }) => mutant.status === 'Timeout').map(({ name }) => name));
  const known = new Set(listed.flatMap((entry) => entry.mutants));
  const same = new Set(listed.filter((entry) => entry.equivalent).flatMap((entry) => entry.mutants));
  const counted = dead.length + alive.filter((name) => !same.has(name)).length;
  const score = counted === 0 ? 100 : Math.floor((10_000 * dead.length) / counted) / 100;
  const problems = [
    ...(listAll ? alive.filter((name) => !known.has(name)).map((name) => `survives and is not listed: ${name}`) : []),
    // One that changes nothing but the time may run out of it on a busy machine.
    ...[...known].filter((name) => !alive.includes(name) && !late.has(name)).map((name) => `is listed and does not survive: ${name}`),
    ...(score < floor ? [`score ${score} is below the floor of ${floor}`] : []),
  ];
  const tests = [...new Set(dead.flatMap(({ mutant }) => (mutant.killedBy ?? []).map(testFile)))].filter((each) => each !== '').sort();
  return { file, tests, killed: dead.length, alive: alive.length, equivalent: alive.filter((name) => same.has(name)).length, score, problems };
}
