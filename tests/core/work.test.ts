import { expect, test } from 'vitest';
import { MOST_ON_DUTY, MOST_WORK_DAYS, mayBeOnDuty, WORK_PURPOSES } from '../../gateway/core/work.ts';

test('only whoever watches the house may be on duty, few at a time, and every right ends within about a year (decision 41)', () => {
  expect(WORK_PURPOSES.filter(mayBeOnDuty)).toEqual(['caretaker', 'watch']);
  expect([...WORK_PURPOSES].sort()).toEqual(['care', 'caretaker', 'cleaning', 'other', 'repair', 'watch']);
  expect([MOST_WORK_DAYS, MOST_ON_DUTY]).toEqual([366, 8]);
});
