import { type BuildingAdd, BuildingAdded, type DoorFit, DoorFitted } from '../http/schemas/places.ts';
import { buildingId, type Terminal } from './import-command.ts';
import type { LocalGateway } from './local-gateway.ts';

/** What a person wrote, checked by the gateway: it names the field and what it expected. */
type Written<T> = { readonly [Field in keyof T]?: string | number | undefined };

const json = (body: object) => ({ type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) }) as const;

const WORDS = {
  zh: {
    added: '已登记',
    site: '站点代号',
    next: (code: string) => `下一步装门：npm run doorbook -- add-door ${code} --kind street --name 大门`,
    fitted: '已装门',
    device: '设备代号',
    topics: '主题前缀',
    user: 'MQTT 用户名',
    secret: '密钥',
    once: '密钥只在这里显示这一次，请现在写进控制器；怎么用、MQTT 密码怎么算，见 docs/controller-protocol.md。',
  },
  en: {
    added: 'Added',
    site: 'Site id',
    next: (code: string) => `Next, its door: npm run doorbook -- add-door ${code} --kind street --name 大门`,
    fitted: 'Added',
    device: 'Device id',
    topics: 'Topic prefix',
    user: 'MQTT username',
    secret: 'Secret',
    once: 'The secret is shown only now: put it into the controller. docs/controller-protocol.md tells how to use it, and how the MQTT password is made of it.',
  },
} as const;

/** Makes a building. */
export async function addBuilding(gateway: LocalGateway, building: Written<BuildingAdd>, terminal: Terminal): Promise<true> {
  const words = WORDS[terminal.language];
  const added = await gateway.ask(BuildingAdded, { method: 'POST', path: '/buildings', body: json(building) });
  terminal.say(`${words.added}: ${added.building.code} ${added.building.name}\n${words.site}: ${added.site}\n${words.next(added.building.code)}`);
  return true;
}

/** Fits a door to the building with this code, and shows what its controller must be given. */
export async function addDoor(gateway: LocalGateway, { code, door }: { readonly code: string; readonly door: Written<DoorFit> }, terminal: Terminal): Promise<true> {
  const words = WORDS[terminal.language];
  const id = await buildingId(gateway, code, 'add-door');
  const fitted = await gateway.ask(DoorFitted, { method: 'POST', path: `/buildings/${id}/doors`, body: json(door) });
  const lines = [
    `${words.fitted}: ${fitted.door.code} ${fitted.door.name}`,
    `${words.device}: ${fitted.device}`,
    `${words.topics}: ${fitted.topics}`,
    `${words.user}: ${fitted.device}`,
    `${words.secret}: ${fitted.secret}`,
    words.once,
  ];
  terminal.say(lines.join('\n'));
  return true;
}
