import { type Finding, trouble, well } from './finding.ts';

const numbers = (version: string): number[] => version.split('.').map(Number);

/** Is a version at least this one? Both as `20.19.0`. */
export function atLeast(version: string, least: string): boolean {
  const [has, needs] = [numbers(version), numbers(least)];
  for (const at of [0, 1, 2]) {
    const difference = (has[at] ?? 0) - (needs[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** The Node that runs this, against what Doorbook asks for. */
export function judgeNode(version: string, least: string): Finding {
  if (atLeast(version, least)) return well(`Node ${version}`, `Node ${version}`);
  return trouble('fail', { zh: `Node ${version} 太旧`, en: `Node ${version} is too old` }, { zh: `装 Node ${least} 或更新的版本`, en: `Install Node ${least} or newer` });
}
