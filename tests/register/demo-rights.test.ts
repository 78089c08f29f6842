import { expect, test } from 'vitest';
import { loadDemo } from '../../prisma/demo/load.ts';
import { dataRequestsOf } from '../../gateway/store/data-requests.ts';
import { heldNow } from '../../gateway/store/holds.ts';
import { noticesOf } from '../../gateway/store/notices.ts';
import { DAY, NOON, temporaryRegister } from '../helpers/register.ts';

test('the demo has a published notice, a request that is due soon, one from the counter, and a hold', async () => {
  const here = await temporaryRegister();
  await loadDemo(here.register, NOON, NOON - 20 * 3_600_000);
  const notice = await noticesOf(here.register).current();
  for (const words of ['184 天', '两年', '十五个工作日', '谁看过']) expect(notice?.zh).toContain(words);
  for (const words of ['184 days', 'two years', 'fifteen working days', 'Who looked']) expect(notice?.en).toContain(words);
  const open = await dataRequestsOf(here.register).open(10);
  expect(open.map(({ kind }) => kind)).toEqual(['copy', 'delete']);
  const [soon] = open;
  expect((soon?.dueAt ?? 0) - NOON).toBeLessThan(5 * DAY);
  expect((soon?.dueAt ?? 0) - NOON).toBeGreaterThan(0);
  expect((await heldNow(here.register.read)).persons.size).toBe(1);
  await here.close();
});
