import type { DoorLive } from '../../gateway/http/schemas/places.ts';

/** What a door's drawing shows. `none`: no controller fitted; `unknown`: online, but the leaf's contact says nothing. */
export type DoorShape = 'closed' | 'open' | 'held' | 'unlocked' | 'offline' | 'dark' | 'none' | 'unknown';

/**
 * The one state a door is in for a person. Held open is what the door itself reported last (`held`), since a leaf
 * that stands open for a moment is nothing to look at.
 */
export function doorShape(live: DoorLive | undefined, held: boolean): DoorShape {
  if (live === undefined) return 'none';
  if (!live.power) return 'dark';
  if (!live.online) return 'offline';
  if (live.contact === 'open') return held ? 'held' : 'open';
  if (live.lock === 'unlocked') return 'unlocked';
  return live.contact === 'closed' ? 'closed' : 'unknown';
}

/** Which colour goes with a shape; the word beside it says the same. */
export function shapeTone(shape: DoorShape): 'calm' | 'go' | 'attend' | 'off' {
  if (shape === 'held' || shape === 'dark') return 'attend';
  if (shape === 'open' || shape === 'unlocked') return 'go';
  return shape === 'closed' || shape === 'unknown' ? 'calm' : 'off';
}

/** How a door's commissioning stands: no signed sheet, its test is due again, or in order. `retestDue`: epoch ms, null without a sheet. */
export function sheetState(retestDue: number | null, now: number): 'none' | 'due' | 'signed' {
  if (retestDue === null) return 'none';
  return retestDue < now ? 'due' : 'signed';
}
