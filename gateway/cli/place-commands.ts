import { renderUnicodeCompact } from 'uqr';
import { BoardLoginMade, ControllerView, EnrolOffer } from '../http/schemas/enrolment.ts';
import { type BuildingAdd, BuildingAdded, BuildingView, type DoorFit, DoorFitted } from '../http/schemas/places.ts';
import { buildingId, type Terminal } from './import-command.ts';
import { CommandFailed, type LocalGateway } from './local-gateway.ts';

/** What a person wrote, checked by the gateway: it names the field and what it expected. */
type Written<T> = { readonly [Field in keyof T]?: string | number | undefined };

const json = (body: object) => ({ type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) }) as const;

const WORDS = {
  zh: {
    added: '已登记',
    site: '站点代号',
    next: (code: string) => `下一步装门：npm run doorbook -- add-door ${code} --kind street --name 大门`,
    fitted: '已登记这扇门',
    device: '设备代号',
    code: '装机码',
    until: (time: string) => `${time} 前有效，只能用一次`,
    use: '用控制器扫上面的码，或把这一行贴进它的设置；再要一个：npm run doorbook -- add-code',
    board: '在板子的网页 MQTT 页里填（密码只显示这一次）',
    server: '服务器',
    off: '网关还没开 esp-rfid 端口：设置 ESP_RFID_PORT=1884 和 ESP_RFID_HOST=这台电脑的内网地址，再重启网关',
    here: '注意：ESP_RFID_HOST 只能从本机连上，板子连不到。请设成这台电脑的内网地址',
    port: '端口',
    user: '用户',
    password: '密码',
    topic: '主题',
    weak: '弱连接：不加密，卡号在网上看得见，记录可能丢。板上原有的用户会被删掉，改用这里登记的人。',
    noDoor: (code: string) => `没有这扇门：${code}。门的代号像 890101001001B00042D01。`,
  },
  en: {
    added: 'Added',
    site: 'Site id',
    next: (code: string) => `Next, its door: npm run doorbook -- add-door ${code} --kind street --name 大门`,
    fitted: 'Added',
    device: 'Device id',
    code: 'Code',
    until: (time: string) => `good until ${time}, once`,
    use: 'Let the controller scan it, or paste this line into its settings; for another: npm run doorbook -- add-code',
    board: 'Enter on the MQTT page of the board; the password is shown only now',
    server: 'Server',
    off: 'the port for esp-rfid boards is closed: set ESP_RFID_PORT=1884 and ESP_RFID_HOST to the address of this computer on the network, and start the gateway again',
    here: 'Note: ESP_RFID_HOST is reached from this computer only. Set it to its address on the network',
    port: 'Port',
    user: 'User',
    password: 'Password',
    topic: 'Topic',
    weak: 'Weak link: nothing is encrypted, card numbers can be read on the network, and entries can be lost. Users the board has now are removed: those of the register take their place.',
    noDoor: (code: string) => `There is no door ${code}. A door is called like 890101001001B00042D01.`,
  },
} as const;

/** Makes a building. */
export async function addBuilding(gateway: LocalGateway, building: Written<BuildingAdd>, terminal: Terminal): Promise<true> {
  const words = WORDS[terminal.language];
  const added = await gateway.ask(BuildingAdded, { method: 'POST', path: '/buildings', body: json(building) });
  terminal.say(`${words.added}: ${added.building.code} ${added.building.name}\n${words.site}: ${added.site}\n${words.next(added.building.code)}`);
  return true;
}

/** Makes a code for the controller of a door, and shows it with its QR. */
async function tellCode(gateway: LocalGateway, door: { readonly id: number; readonly code: string }, terminal: Terminal): Promise<void> {
  const words = WORDS[terminal.language];
  const offer = await gateway.ask(EnrolOffer, { method: 'POST', path: `/doors/${door.id}/controller/codes`, body: json({}) });
  const until = new Date(offer.expiresAt).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  terminal.say(
    [
      `${words.device}: ${offer.device}`,
      renderUnicodeCompact(offer.text, { border: 2 }),
      `${words.code}: ${offer.code} (${words.until(until)})`,
      offer.text,
      `${words.use} ${door.code}`,
    ].join('\n'),
  );
}

const LOOPBACK = /^(127\.|::1$|localhost$)/;

/** Gives the esp-rfid board of a door a new password, and shows what to enter into it. */
async function tellLogin(gateway: LocalGateway, door: { readonly id: number }, terminal: Terminal): Promise<void> {
  const words = WORDS[terminal.language];
  const { user, password, topic, host, port } = await gateway.ask(BoardLoginMade, { method: 'POST', path: `/doors/${door.id}/controller/board-login`, body: json({}) });
  const at = host === '' ? [`  ${words.server}: ${words.off}`] : [`  ${words.server}: ${host}`, `  ${words.port}: ${port}`];
  terminal.say(
    [
      `${words.board}:`,
      ...at,
      `  ${words.user}: ${user}`,
      `  ${words.password}: ${password}`,
      `  ${words.topic}: ${topic}`,
      ...(LOOPBACK.test(host) ? [words.here] : []),
      words.weak,
      'docs/esp-rfid.md',
    ].join('\n'),
  );
}

/** Adds a door to the building with this code, and shows a code for its controller, or the login of its board. */
export async function addDoor(gateway: LocalGateway, { code, door }: { readonly code: string; readonly door: Written<DoorFit> }, terminal: Terminal): Promise<true> {
  const id = await buildingId(gateway, code, 'add-door');
  const fitted = await gateway.ask(DoorFitted, { method: 'POST', path: `/buildings/${id}/doors`, body: json(door) });
  terminal.say(`${WORDS[terminal.language].fitted}: ${fitted.door.code} ${fitted.door.name}`);
  await (door.boardCards === undefined ? tellCode : tellLogin)(gateway, fitted.door, terminal);
  return true;
}

const DOOR_TAIL = /D\d{2}$/i;

/** Shows a code for the controller of a door, or a new password for its board: for one that is lost, broken, or gets new keys. */
export async function addCode(gateway: LocalGateway, given: string, terminal: Terminal): Promise<true> {
  const wanted = given.trim().toUpperCase();
  const missing = new CommandFailed(WORDS[terminal.language].noDoor(given));
  if (!DOOR_TAIL.test(wanted)) throw missing;
  const id = await buildingId(gateway, wanted.replace(DOOR_TAIL, ''), 'add-code');
  const building = await gateway.ask(BuildingView, { method: 'GET', path: `/buildings/${id}` });
  const door = building.doorList.find(({ code }) => code === wanted);
  if (door === undefined) throw missing;
  const { boardCards } = await gateway.ask(ControllerView, { method: 'GET', path: `/doors/${door.id}/controller` });
  await (boardCards === '' ? tellCode : tellLogin)(gateway, door, terminal);
  return true;
}
