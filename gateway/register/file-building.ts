import { isBuildingCode } from '../core/codes.ts';
import { halfWidth } from '../core/text.ts';
import type { Register } from '../store/register.ts';
import { isWireId } from '../wire/mqtt/topics.ts';
import { PlaceRefused, placeText } from './place-refused.ts';

/** What is known of a building that is to be managed. */
export interface NewBuilding {
  readonly code: string;
  /** MQTT site id; undefined: made from the code. */
  readonly site?: string | undefined;
  readonly name: string;
  readonly nameEn: string;
  readonly address: string;
  readonly mode: 'hotel' | 'compound' | 'scattered';
  /** What its readers give: data bits, and the byte order of the numbers printed on cards. */
  readonly readerBits: 24 | 32 | 40 | 56 | 64;
  readonly readerOrder: 'msb' | 'lsb';
}

export interface FiledBuilding {
  readonly id: number;
  readonly code: string;
  readonly site: string;
}

const CODE_FORM = '12 位社区代码 + B + 5 位数字，如 890101001001B00042 / 12 digits, B, 5 digits, such as 890101001001B00042';
/** A device id is the site id and `-dNN`, and has at most 24 characters itself. */
const SITE_LENGTH = 20;
const SITE_FORM = `1–${SITE_LENGTH} 个 a-z 0-9 -，不以 - 开头 / 1 to ${SITE_LENGTH} of a-z 0-9 -, not starting with -`;
/** How much of the code is the site id nobody chose: building and the end of the community. */
const SITE_TAIL = 10;

/** Files a building in the register, as a site of its own. Throws PlaceRefused: the code or site id is wrong, or is there already. */
export async function fileBuilding({ write }: Register, wish: NewBuilding): Promise<FiledBuilding> {
  const code = halfWidth(wish.code).toUpperCase();
  if (!isBuildingCode(code)) throw new PlaceRefused('wrong', 'code', CODE_FORM);
  const siteCode = wish.site ?? code.toLowerCase().slice(-SITE_TAIL);
  if (!isWireId(siteCode) || siteCode.length > SITE_LENGTH) throw new PlaceRefused('wrong', 'site', SITE_FORM);
  const [name, nameEn, address] = [placeText('name', wish.name), placeText('nameEn', wish.nameEn), placeText('address', wish.address)];
  const { mode, readerBits, readerOrder } = wish;
  return write(async (db) => {
    if ((await db.building.count({ where: { code } })) > 0)
      throw new PlaceRefused('taken', 'code', `还没有登记的楼栋代码，${code} 已经有了 / a code that is not there yet; ${code} is`);
    if ((await db.site.count({ where: { code: siteCode } })) > 0)
      throw new PlaceRefused('taken', 'site', `还没有用过的站点代号，${siteCode} 已经用了 / a site id that is not used yet; ${siteCode} is`);
    const building = { code, name, nameEn, address, mode, readerBits, readerOrder };
    // One statement, so that no site is left behind without its building.
    const site = await db.site.create({ data: { code: siteCode, name, buildings: { create: building } }, select: { buildings: { select: { id: true } } } });
    const [made] = site.buildings;
    if (made === undefined) throw new Error(`building ${code} was not written`);
    return { id: made.id, code, site: siteCode };
  });
}
