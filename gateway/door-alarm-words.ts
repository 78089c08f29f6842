import type { AlarmWord } from './core/door-alarms.ts';
import type { Sentence } from './core/reasons.ts';

/** What each alarm of a door says to whoever looks after it: what is so, and what to do. */
export const DOOR_ALARM_WORDS = {
  forced: { zh: '没人刷卡，门却开了。请去看门和锁有没有坏，有没有人进来。', en: 'The door was opened without being unlocked. Go and see whether it was broken, and who came in.' },
  held: { zh: '门开着太久没关。请去关上，看看是不是被顶住了。', en: 'The door has stood open too long. Go and close it, and see whether something holds it.' },
  tamper: { zh: '设备外壳被打开了。不是您的人在修，就马上去看。', en: 'The case of the device was opened. Unless your own people are repairing it, go and look now.' },
  'contact-fault': {
    zh: '门磁的线断了或短路，门开没开已经看不出来。请检查接线。',
    en: 'The wire of the door contact is cut or shorted: whether the door is open cannot be told. Check the wiring.',
  },
  'power-lost': {
    zh: '门停电了，正在用电池，电池用完锁会按它的类型打开或锁住。请尽快恢复供电。',
    en: 'The door has no mains and runs on its battery; then the lock does what its type does. Restore the mains soon.',
  },
  'battery-low': { zh: '门的备用电池快没电了，停电时撑不住。请更换电池。', en: 'The standby battery of the door is low and will not last through a power cut. Replace it.' },
  'clock-jump': {
    zh: '门的时钟跳了，它记的时间可能不对。常常这样，请换时钟电池。',
    en: 'The clock of the door jumped, so the times it noted may be wrong. If it happens again, replace its clock battery.',
  },
  'pin-tries': {
    zh: '连着五次输错密码，键盘已停一会儿。可能有人在试，请留意。',
    en: 'A PIN was entered wrongly five times and the keypad paused. Somebody may be trying; keep an eye on it.',
  },
  duress: {
    zh: '有人被逼着开门，用了胁迫密码。请按预案处置，不要打电话到现场。',
    en: 'Somebody was forced to open and used the duress code. Follow your plan, and do not ring the place.',
  },
  'reader-lost': {
    zh: '读卡器没有反应，从外面刷不了卡。请检查线，看读卡器有没有被拆走。',
    en: 'The reader does not answer, so nobody can tap in. Check its cable, and whether it is still there.',
  },
  fire: {
    zh: '消防信号来了，门开着不锁。请先按火警处置，再复位消防信号。',
    en: 'The fire signal is on and the door stands unlocked. Treat it as a fire first, then reset the signal.',
  },
  offline: {
    zh: '控制器断网超过十分钟，门按自己手上的名单开。请检查网线、交换机和电源。',
    en: 'The controller has been offline for over ten minutes; the door goes by the list it has. Check cable, switch and power.',
  },
  'new-instance': {
    zh: '控制器的存储换了或丢了，也可能是另一台冒用了它。请去核对这台设备，不对就停用。',
    en: 'The memory of the controller was lost, or another device uses its name. Check the device; if it is not yours, take it out of service.',
  },
  channel: {
    zh: '读卡器的加密通道不对：设备可能被换过，或有人在线上动手脚。请去核对设备，再重新登记。',
    en: 'The encrypted channel to a reader is wrong: it may have been swapped, or somebody is at the wire. Check the device, then enrol it again.',
  },
} as const satisfies Readonly<Record<AlarmWord, Sentence>>;
