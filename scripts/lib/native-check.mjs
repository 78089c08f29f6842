// Exits with 0 when the database module loads and works in this Node.
import Database from 'better-sqlite3';

const db = new Database(':memory:');
process.exit(db.prepare('SELECT 1 AS one').get().one === 1 ? 0 : 1);
