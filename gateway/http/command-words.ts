import type { Sentence } from '../core/reasons.ts';

type Words = Readonly<Record<string, Sentence>>;
/** What is not done within seconds is not done later either. */
const OVER: Sentence = { zh: '什么都没做，也不会过后补做。', en: 'Nothing was done, and nothing is kept for later.' };

/** An order to a door, and its four ends. */
const order = (what: string, asked: Sentence, done: Sentence): Words => ({
  [what]: asked,
  [`${what}-done`]: done,
  [`${what}-refused`]: { zh: '门没有接受网页上的这个指令，什么都没做。', en: 'The door did not accept the order from the console. Nothing was done.' },
  [`${what}-expired`]: { zh: `门没有及时回应。${OVER.zh}`, en: `The door did not answer in time. ${OVER.en}` },
  [`${what}-offline`]: { zh: `门断网了，指令没有发出。${OVER.zh}`, en: `The door is offline and the order was not sent. ${OVER.en}` },
});

/** What the register says of the rules of doors, by the stable words of the journal. */
export const DOOR_RULE_WORDS: Words = {
  'lockdown-begun': { zh: '封闭开始：从外面只有值班卡能开，从里面随时能出去。', en: 'A lockdown began: from outside only duty cards open, from inside everybody can leave.' },
  'card-pin-set': { zh: '给一张卡设了密码。', en: 'A card was given a PIN.' },
  'card-pin-dropped': { zh: '去掉了一张卡的密码。', en: 'The PIN of a card was taken away.' },
  'code-issued': { zh: '给一个人发了开门密码。', en: 'Somebody was given a code for the doors.' },
  'door-rules': { zh: '改了一扇门的规则。', en: 'The rules of a door were changed.' },
  'schedule-added': { zh: '加了一个时段。', en: 'A schedule was added.' },
  'schedule-changed': { zh: '改了一个时段。', en: 'A schedule was changed.' },
  'schedule-dropped': { zh: '删了一个没人用的时段。', en: 'A schedule that nothing went by was dropped.' },
  'tenancy-begun': { zh: '开始了一份租约。', en: 'A tenancy began.' },
  'occupant-added': { zh: '一个人住进来了。', en: 'Somebody came to live in a home.' },
  'term-extended': { zh: '续了一份租约，或撤销了续租。', en: 'A contract was extended, or that was undone.' },
  'card-given': { zh: '给住户发了一张卡。', en: 'Somebody who lives here was given a card.' },
  'card-found': { zh: '丢失的卡找回来了，重新启用。', en: 'A lost card was found and works again.' },
  'work-given': { zh: '给一个在楼里工作的人开了权限。', en: 'Somebody who works in the building was given a right to its shared doors.' },
  'work-changed': { zh: '改了一个人在楼里工作的权限。', en: 'The right of somebody who works in the building was changed.' },
  'duty-given': { zh: '给一个人发了值班卡：封闭时能开门，并结束那扇门的封闭。', en: 'Somebody was put on duty: his card opens in a lockdown and ends it at that door.' },
  'duty-taken': { zh: '收回了一张值班卡。', en: 'Somebody was taken off duty.' },
  'lockdown-ended': { zh: '有人提前结束了封闭。', en: 'Somebody ended a lockdown early.' },
};

/** Orders to a door, by the stable words of the journal. */
export const COMMAND_WORDS: Words = {
  unlock: { zh: '有人从网页上开门。', en: 'Somebody asked to open the door from the console.' },
  'unlock-done': { zh: '门按网页上的要求开了。', en: 'The door opened as asked from the console.' },
  'unlock-refused': { zh: '门没有接受网页上的开门要求。', en: 'The door did not accept the request from the console.' },
  'unlock-expired': { zh: '门没有及时回应，没有开，过后也不会开。', en: 'The door did not answer in time and stayed shut. It will not open later.' },
  'unlock-offline': { zh: '门断了网，没法从网页上开，过后也不会开。', en: 'The door is offline and could not be opened from the console. It will not open later.' },
  ...order(
    'lock',
    { zh: '有人从网页上叫门马上锁上。', en: 'Somebody asked the door to lock at once.' },
    { zh: '门按网页上的要求锁上了。', en: 'The door locked as asked from the console.' },
  ),
  ...order(
    'identify',
    { zh: '有人叫门亮灯、响一下，看是哪一扇。', en: 'Somebody asked the door to show which one it is.' },
    { zh: '门亮了灯、响了一下。', en: 'The door showed itself by light and sound.' },
  ),
  ...order(
    'restart',
    { zh: '有人叫门控制器重新启动。', en: 'Somebody asked the door controller to restart.' },
    { zh: '门控制器开始重新启动。', en: 'The door controller began to restart.' },
  ),
};
