import type { Sentence } from '../core/reasons.ts';

/** Entries about homes as facts of a building. */
export const HOME_WORDS: Readonly<Record<string, Sentence>> = {
  'homes-made': { zh: '登记了几层房间。', en: 'The homes of several floors were added.' },
  'home-added': { zh: '登记了一间房。', en: 'A home was added.' },
  'home-renamed': { zh: '改正了一间房的房号。', en: 'The number of a home was put right.' },
  'address-set': { zh: '填了一栋楼的标准地址。', en: 'The standard address of a building was filled in.' },
  'filing-filled': { zh: '填了一户的备案材料。', en: 'The papers of a filing were filled in.' },
  'filing-step': { zh: '备案走了一步。', en: 'A filing took a step.' },
  'home-use': { zh: '改了一间房的用途。', en: 'What a home is for was changed.' },
  'registration-step': { zh: '居住登记走了一步。', en: 'A residence registration took a step.' },
  'permit-step': { zh: '居住证走了一步。', en: 'A residence permit took a step.' },
  'registration-certificate': { zh: '打印了居住登记凭证。', en: 'A residence registration certificate was printed.' },
};
