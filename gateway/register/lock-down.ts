import type { Register } from '../store/register.ts';

/** Ends the lockdown of doors; nothing happens at those that are in none. */
export async function endLockdown({ write }: Register, doorIds: readonly number[]): Promise<void> {
  await write((db) => db.door.updateMany({ where: { id: { in: [...doorIds] }, lockdownUntil: { not: null } }, data: { lockdownUntil: null } }));
}
