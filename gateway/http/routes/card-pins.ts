import { dropCardPin, issueCode, setCardPin } from '../../register/card-pin.ts';
import { type CardOwner, cardStopsOf } from '../../store/card-stops.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { cardTold } from '../card-told.ts';
import { hasCard } from '../card-scope.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { noteOf } from '../register-note.ts';
import { CodeMade, PinDropped, PinMade, PinWish } from '../schemas/card-pins.ts';
import type { Site } from '../site.ts';
import { seen, type Viewer } from '../viewer.ts';

/** PINs of cards, and codes that open without one. */
export function cardPinRoutes(app: App, site: Site): void {
  const { register, clock } = site.deps;
  const cards = cardStopsOf(register);
  const ownerOf = async (viewer: Viewer, id: number): Promise<CardOwner> => seen(viewer, await cards.owner(id, clock()), (owner) => hasCard(viewer, owner));

  /** How a change of this card is written down; and consoles that show it are told. */
  async function asked(viewer: Viewer, credentialId: number, what: string) {
    const { homes } = await ownerOf(viewer, credentialId);
    const buildingId = homes[0]?.buildingId ?? 0;
    return {
      wish: { credentialId, note: noteOf(site, viewer, { what, buildingId }) },
      async told(): Promise<void> {
        for (const home of homes) await site.registerChanged(home.unitId === 0 ? { buildingId: home.buildingId } : home);
      },
    };
  }

  app.post(
    '/credentials/:id/pin',
    {
      config: { ...may('cardPin', 'C', 'credential'), shownOnce: true },
      schema: {
        summary: 'Give a card a PIN, in the place of the one it had; it is shown this once',
        description: 'Doors take the card and its PIN in their PIN hours. One digit more in the last place opens under threat, and raises a silent alarm.',
        params: ById,
        body: PinWish,
        response: { 200: PinMade, ...PROBLEMS },
      },
    },
    async (request) => {
      const { wish, told } = await asked(who(request), request.params.id, 'card-pin-set');
      const pin = await setCardPin(register, { ...wish, chosen: request.body.pin }).catch(cardTold);
      await told();
      return { pin };
    },
  );

  app.delete(
    '/credentials/:id/pin',
    {
      config: may('cardPin', 'D', 'credential'),
      schema: { summary: 'Take the PIN of a card away; in PIN hours the card opens nothing then', params: ById, response: { 200: PinDropped, ...PROBLEMS } },
    },
    async (request) => {
      const { wish, told } = await asked(who(request), request.params.id, 'card-pin-dropped');
      await dropCardPin(register, wish).catch(cardTold);
      await told();
      return { dropped: true };
    },
  );

  app.post(
    '/credentials/:id/code',
    {
      config: { ...may('cardPin', 'C', 'credential'), shownOnce: true },
      schema: {
        summary: 'Give the holder of a card a code that opens without one, where the door is online; it is shown this once',
        description: 'It is a credential of its own: stopped like a card, with a receipt.',
        params: ById,
        response: { 200: CodeMade, ...PROBLEMS },
      },
    },
    async (request) => {
      const { wish, told } = await asked(who(request), request.params.id, 'code-issued');
      const { id, code } = await issueCode(register, { ...wish, now: clock() }).catch(cardTold);
      await told();
      return { credentialId: id, code };
    },
  );
}
