import type { DoorRow } from '../../store/places.ts';
import { rightTo } from '../../core/matrix.ts';
import { isOnlyWayIn, setDoorRules } from '../../register/set-door-rules.ts';
import { type DoorRules, doorRulesOf, rulesIn } from '../../store/door-rules.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { noteOf } from '../register-note.ts';
import { contentVersion, ruleTold } from '../rule-told.ts';
import { DoorRulesBody, DoorRulesView } from '../schemas/door-rules.ts';
import type { Site } from '../site.ts';
import { hasDoor, inScope, seen, type Viewer } from '../viewer.ts';

/** Shared doors are changed by whoever has the whole building. */
const mayWrite = (viewer: Viewer, door: DoorRow): boolean =>
  rightTo('door', viewer.role, 'U') !== undefined && (door.unitId === null ? inScope(viewer, door.buildingId) : hasDoor(viewer, door));

/** How a door works: its times, when it stands open, interlock, anti-passback. */
export function doorRuleRoutes(app: App, site: Site): void {
  const { register } = site.deps;
  const rows = doorRulesOf(register);
  const doorOf = (viewer: Viewer, id: number): DoorRow => seen(viewer, site.doorList.of(id), (door) => hasDoor(viewer, door));
  const rulesOf = async (viewer: Viewer, door: DoorRow) => seen(viewer, await rows.of(door.id), () => true);

  async function view(viewer: Viewer, door: DoorRow): Promise<DoorRulesView> {
    const { rules, neighbours } = await rulesOf(viewer, door);
    const schedules = (await rows.site(door.buildingId))?.schedules ?? [];
    return {
      rules,
      version: contentVersion(rules),
      schedules: schedules.map(({ number, name }) => ({ number, name })),
      neighbours: [...neighbours],
      onlyWayIn: await isOnlyWayIn(register.read, { ...door, controllerId: null }),
      withoutPin: await rows.withoutPin(door.id, site.deps.clock()),
      mayWrite: mayWrite(viewer, door),
    };
  }

  app.get(
    '/doors/:id/rules',
    { config: may('door', 'R', 'door'), schema: { summary: 'How a door works', params: ById, response: { 200: DoorRulesView, ...PROBLEMS } } },
    async (request, reply) => {
      const viewer = who(request);
      const answer = await view(viewer, doorOf(viewer, request.params.id));
      setVersion(reply, answer.version);
      return answer;
    },
  );

  app.put(
    '/doors/:id/rules',
    {
      config: may('door', 'U', 'door'),
      schema: { summary: 'Change how a door works; it goes by it as soon as it is online', params: ById, body: DoorRulesBody, response: { 200: DoorRulesView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const door = doorOf(viewer, request.params.id);
      if (!mayWrite(viewer, door)) throw refusal('NOT_ALLOWED');
      const { rules: was } = await rulesOf(viewer, door);
      needVersion(request, contentVersion(was));
      const rules: DoorRules = rulesIn(request.body);
      const { buildingId, id: doorId } = door;
      await setDoorRules(register, { doorId, was, rules }, noteOf(site, viewer, { what: 'door-rules', buildingId, doorId })).catch(ruleTold);
      await site.registerChanged({ buildingId });
      const answer = await view(viewer, door);
      setVersion(reply, answer.version);
      return answer;
    },
  );
}
