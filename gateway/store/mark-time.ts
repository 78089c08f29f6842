import { explained, openReadWrite } from './sqlite.ts';

/** Row number of no tenancy: a change of it says that time alone moved a beginning or an end. */
const TIME_ROW = 0;

/**
 * Adds a change that names no row. Access lists are versioned by the number of the last change, and their rows
 * also change as time goes by, also while the gateway was down; so each start counts as one. For use before the
 * register's own write connection is open. `waitMs`: for another program’s lock, the thread being
 * blocked meanwhile. Throws StoreError.
 */
export function markTime(file: string, waitMs?: number): void {
  const connection = openReadWrite(file, waitMs);
  try {
    connection.prepare(`INSERT INTO "Change" ("entity", "rowId") VALUES ('tenancy', ?)`).run(TIME_ROW);
  } catch (error) {
    throw explained(file, error);
  } finally {
    connection.close();
  }
}
