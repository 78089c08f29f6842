import type { App } from '../app-type.ts';
import { PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { KeyRotation } from '../schemas/keys.ts';
import type { Site } from '../site.ts';

/** The keys of the register: changing them, and how that stands. */
export function keyRoutes(app: App, { keyRotations }: Site): void {
  app.addHook('onClose', () => keyRotations.close());

  app.get(
    '/keys',
    {
      config: may('key', 'X', 'site'),
      schema: { summary: 'How a change of the register’s keys stands', response: { 200: KeyRotation, ...PROBLEMS } },
    },
    async () => keyRotations.status(),
  );

  app.post(
    '/keys/rotate',
    {
      config: may('key', 'X', 'site', { strong: true }),
      schema: { summary: 'Change the keys that seal personal data; goes on in the background, also over a restart', response: { 200: KeyRotation, ...PROBLEMS } },
    },
    async (request) => keyRotations.start(who(request)),
  );
}
