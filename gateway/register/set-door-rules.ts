import type { Register, WriteDb } from '../store/register.ts';
import { DOOR_RULES, type DoorRules, rulesIn, sameRules } from '../store/door-rules.ts';
import type { Note } from './lock-down.ts';
import { RuleRefused } from './rule-refused.ts';

interface Here {
  readonly id: number;
  readonly kind: string;
  readonly buildingId: number;
  readonly unitId: number | null;
  readonly controllerId: number | null;
}

/**
 * Is this door the only way into a home, or into the building? A card that is refused there keeps somebody out of his
 * home, so anti-passback is only noted (design.md 6.1).
 */
export async function isOnlyWayIn(db: Pick<WriteDb, 'door'>, { id, kind, buildingId, unitId }: Here): Promise<boolean> {
  if (unitId !== null) return (await db.door.count({ where: { unitId, id: { not: id } } })) === 0;
  if (kind !== 'street' && kind !== 'gate') return false;
  return (await db.door.count({ where: { buildingId, kind, unitId: null, id: { not: id } } })) === 0;
}

const wrong = (field: keyof DoorRules, expected: string): RuleRefused => new RuleRefused('wrong', { field, expected });

async function checkSchedule(db: WriteDb, { buildingId }: Here, field: 'openSchedule' | 'pinSchedule', number: number): Promise<void> {
  const known = await db.accessSchedule.count({ where: { number, site: { buildings: { some: { id: buildingId } } } } });
  if (known === 0) throw wrong(field, '已有的时段，或 null / a schedule that is there, or null');
}

async function check(db: WriteDb, door: Here, rules: DoorRules): Promise<void> {
  const { openMs, heldMs, openSchedule, firstCard, pinSchedule, interlock, passbackMinutes, passbackHard } = rules;
  if (heldMs < openMs) throw wrong('heldMs', `不短于开门时间 ${openMs} / at least the open time, ${openMs}`);
  if (openSchedule !== null) {
    if (door.unitId !== null) throw wrong('openSchedule', 'null：住户的门不按时段敞开 / null: the door of a home does not stand open by a schedule');
    await checkSchedule(db, door, 'openSchedule', openSchedule);
  }
  if (pinSchedule !== null) {
    await checkSchedule(db, door, 'pinSchedule', pinSchedule);
    if ((await db.doorController.count({ where: { id: door.controllerId ?? 0, boardCards: { not: '' } } })) > 0)
      throw wrong('pinSchedule', 'null：esp-rfid 板不会问密码 / null: an esp-rfid board asks for no PIN');
  }
  if (firstCard && openSchedule === null) throw wrong('firstCard', 'false：先选敞开的时段 / false: choose open hours first');
  if (interlock !== 0 && (door.controllerId === null || (await db.door.count({ where: { controllerId: door.controllerId, id: { not: door.id } } })) === 0))
    throw wrong('interlock', '0：同一个控制器上没有别的门 / 0: its controller has no other door');
  if (!passbackHard) return;
  if (passbackMinutes === 0) throw wrong('passbackHard', 'false：没有防返传时间 / false: there is no anti-passback time');
  if (await isOnlyWayIn(db, door)) throw new RuleRefused('way-in', { field: 'passbackHard', expected: 'false' });
}

/** Gives a door other rules, noted first. `was`: the rules that were on screen. Throws RuleRefused. */
export async function setDoorRules(
  { write }: Register,
  { doorId, was, rules }: { readonly doorId: number; readonly was: DoorRules; readonly rules: DoorRules },
  note: Note,
): Promise<void> {
  await write(async (db) => {
    const door = await db.door.findUnique({ where: { id: doorId }, select: { ...DOOR_RULES, id: true, kind: true, buildingId: true, unitId: true, controllerId: true } });
    if (door === null) throw new RuleRefused('missing');
    if (!sameRules(rulesIn(door), was)) throw new RuleRefused('stale');
    await check(db, door, rules);
    const { openMs, heldMs, openSchedule, firstCard, pinSchedule, interlock, passbackMinutes, passbackHard } = rules;
    await note(
      `open=${openMs} held=${heldMs} hours=${openSchedule ?? 0}${firstCard ? ' first-card' : ''}${pinSchedule === null ? '' : ` pin=${pinSchedule}`} interlock=${interlock} passback=${passbackMinutes}${passbackHard ? ' hard' : ''}`,
    );
    await db.door.update({ where: { id: doorId }, data: rules });
  });
}
