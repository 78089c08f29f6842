import { FieldError } from '../../../gateway/wire/fields.ts';
import { CARD_FORMS, readings, spell } from '../../../gateway/wire/esp-rfid/cards.ts';
import { readBoard } from '../../../gateway/wire/esp-rfid/messages.ts';
import { EXAMPLES } from '../../wire/esp-rfid/examples.ts';
import { sometimesBent } from '../json.ts';
import { allowing, hold, plain, type Target } from '../target.ts';

/** Most cards one text may stand for: a 7-byte UID that lost three or four zeros. */
const MOST_CARDS = 126;

/** Whatever a board on the network says, in any of its words, and whatever it calls a card. */
export const espRfid: Target = {
  name: 'esp-rfid',
  covers: ['gateway/wire/esp-rfid/messages.ts', 'gateway/wire/esp-rfid/cards.ts'],
  words: [
    '"type":"access"',
    '"isKnown":"true"',
    '"access":["Always"]',
    '"command":"userfile"',
    '"cmd":"adduser"',
    '"uid":"',
    '"uid":1',
    '"time":"1605991375"',
    '"validuntil":',
    'null',
    '4294967295',
    'fffffff',
    '0000000',
  ],
  make: (random) => sometimesBent(Buffer.from(random.any(EXAMPLES)?.text ?? ''), random),
  open: plain((input) => {
    const message = allowing([FieldError], () => readBoard(input));
    if (message === undefined) return;
    for (const value of Object.values(message))
      hold(typeof value !== 'number' || (Number.isSafeInteger(value) && value >= 0 && value < 2 ** 32), 'a number a board cannot have came through');
    if (message.k !== 'access' && message.k !== 'user') return;
    hold(message.uid.length <= 32, 'a card longer than any');
    for (const form of CARD_FORMS) {
      const cards = readings(form, message.uid);
      hold(cards.length <= MOST_CARDS, `${cards.length} cards behind one text`);
      for (const card of cards) {
        const again = spell(form, card);
        hold(again !== undefined && readings(form, again).some(({ bits, hex }) => bits === card.bits && hex === card.hex), 'a card is not found in its own text');
      }
    }
  }),
};
