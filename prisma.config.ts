import path from 'node:path';
import { defineConfig } from 'prisma/config';

/**
 * For the Prisma command line only (`npm run db -- ...`); the gateway itself never reads this file.
 * The database is DATABASE_URL, else the register in the data directory a plain `npm start` uses.
 */
const data = path.resolve(process.env['DOORBOOK_DATA'] ?? 'data');

export default defineConfig({
  schema: 'prisma/sqlite',
  migrations: { path: 'prisma/migrations/sqlite' },
  datasource: { url: process.env['DATABASE_URL'] ?? `file:${path.join(data, 'register.sqlite')}` },
});
