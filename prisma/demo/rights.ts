import { addWorkingDays } from '../../gateway/core/working-days.ts';
import { dateAt, endOfDay } from '../../gateway/core/local-date.ts';
import { DEMO_LOGINS } from '../../gateway/http/demo-logins.ts';
import { DEFAULT_NOTICE } from '../../gateway/register/default-notice.ts';
import { PUBLIC_HOLIDAYS } from '../../gateway/register/public-holidays.ts';
import type { Register, WriteDb } from '../../gateway/store/register.ts';

const DAY_MS = 86_400_000;
const dueOf = (receivedAt: number): number => endOfDay(addWorkingDays(dateAt(receivedAt), 15, PUBLIC_HOLIDAYS));

/** How long ago something came in that is due next, holidays or not. */
function daysAgoForSoon(now: number): number {
  let days = 30;
  while (dueOf(now - days * DAY_MS) <= now) days -= 1;
  return days;
}

/** A published notice, two requests (one due soon, one filed at the counter) and a hold on somebody who moved out. `now`: epoch ms. */
export async function addDemoRights(db: WriteDb, { vault }: Pick<Register, 'vault'>, now: number): Promise<void> {
  const account = (role: 'TEN' | 'CL' | 'OF') => db.account.findUniqueOrThrow({ where: { login: DEMO_LOGINS[role] } });
  const [tenant, clerk, officer] = [await account('TEN'), await account('CL'), await account('OF')];
  const gone = await db.occupant.findFirst({ where: { tenancy: { endedBy: 'movedOut' } } });
  if (tenant.personId === null || gone === null) throw new Error('demo: no tenant with an account, or nobody who moved out');
  const { zh, en } = DEFAULT_NOTICE;
  await db.privacyNotice.create({ data: { number: 1, textZh: zh, textEn: en, publishedAt: BigInt(now - 60 * DAY_MS) } });
  const file = async (request: { kind: string; personId: number; filedBy: number; text: string; daysAgo: number }): Promise<void> => {
    const { text, daysAgo, ...about } = request;
    const received = now - daysAgo * DAY_MS;
    await db.dataRequest.create({ data: { ...about, receivedAt: BigInt(received), dueAt: BigInt(dueOf(received)), bodySealed: vault.seal('request.body', text) } });
  };
  await file({ kind: 'copy', personId: tenant.personId, filedBy: tenant.id, text: '请给我一份你们存的我的信息。', daysAgo: daysAgoForSoon(now) });
  await file({ kind: 'delete', personId: gone.personId, filedBy: clerk.id, text: '已经搬走，请删除我的信息。', daysAgo: 3 });
  await db.hold.create({
    data: {
      caseNumber: '演示-2026-0042',
      subject: 'person',
      subjectId: gone.personId,
      reasonSealed: vault.seal('hold.reason', JSON.stringify({ reason: '退租押金纠纷，调解期间留存登记。', release: '' })),
      placedBy: officer.id,
      placedAt: BigInt(now - 10 * DAY_MS),
      reviewAt: BigInt(now + 80 * DAY_MS),
    },
  });
}
