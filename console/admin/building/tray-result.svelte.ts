import type { DemoAct, DemoResult } from '../../../gateway/http/schemas/demo.ts';
import { pick, t } from '../../parts/i18n.svelte.ts';

/** What the reader's lamp shows after an act, the sentence, and small facts beside it. */
export interface Shown {
  readonly lamp: 'idle' | 'granted' | 'refused' | 'dark' | 'asks';
  readonly text: string;
  readonly facts: readonly string[];
}

function tapped(result: DemoResult): Shown {
  if (result.asks === true) return { lamp: 'asks', text: t('tray.result.asks'), facts: [] };
  const facts: string[] = [];
  if (result.granted === true && result.openMs !== undefined) facts.push(t('tray.result.open', { s: Math.round(result.openMs / 100) / 10 }));
  if (result.ms !== undefined) facts.push(t('tray.result.ms', { ms: Math.max(1, Math.round(result.ms)) }));
  if (result.offline === true) facts.push(t('tray.result.offline'));
  else if (result.entry !== undefined && result.entry > 0) facts.push(t('tray.result.entry', { n: result.entry }));
  // A reader on a serial line shows red, and knows no reason.
  const unsaid = result.granted === false ? t('tray.result.red') : t('tray.result.failed');
  return { lamp: result.granted === true ? 'granted' : 'refused', text: result.why === undefined ? unsaid : pick(result.why), facts };
}

/** The outcome of an act in words. `power`: whether the door had power when it was done. */
export function shownResult(act: DemoAct, result: DemoResult, power: boolean): Shown {
  if (act.act === 'network' || act.act === 'power') {
    if (!result.ok) return { lamp: 'dark', text: t('tray.result.failed'), facts: [] };
    return { lamp: 'idle', text: t(`tray.result.${act.act}.${act.on ? 'on' : 'off'}`), facts: [] };
  }
  const asked = act.act === 'tap' || act.act === 'type';
  if (!power && asked) return { lamp: 'dark', text: t('tray.result.dead'), facts: [] };
  if (!power && act.act === 'push') return { lamp: 'dark', text: t('tray.result.pushDark'), facts: [] };
  if (!result.ok) return { lamp: 'dark', text: result.why === undefined ? t('tray.result.failed') : pick(result.why), facts: [] };
  if (asked) return tapped(result);
  if (act.act === 'push') return { lamp: 'granted', text: t('tray.result.push'), facts: [] };
  return { lamp: 'idle', text: t(`tray.result.${act.act}.done`), facts: [] };
}
