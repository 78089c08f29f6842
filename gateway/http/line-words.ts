import type { Sentence } from '../core/reasons.ts';

type Words = Readonly<Record<string, Sentence>>;

/** What the register says of serial lines, by the stable words of the journal. */
export const LINE_WORDS: Words = {
  'line-added': { zh: '加了一条串口线。', en: 'A serial line was added.' },
  'line-changed': { zh: '改了一条串口线。', en: 'A serial line was changed.' },
  'line-retired': { zh: '停用了一条串口线，线上的门不再开。', en: 'A serial line was taken out of service: its doors are worked no more.' },
  'line-device-added': { zh: '串口线上加了一个设备。', en: 'A device was added to a serial line.' },
  'line-device-changed': { zh: '改了串口线上一个设备的名称或地址。', en: 'A device on a serial line was given another name or address.' },
  'line-device-removed': { zh: '从串口线上去掉了一个设备和它的密钥。', en: 'A device was removed from a serial line, with its key.' },
  'door-wired': { zh: '一扇门接到了串口线上。', en: 'A door was wired to a serial line.' },
  'door-unwired': { zh: '一扇门从串口线上取下，等待控制器。', en: 'A door was taken off its serial line and waits for a controller.' },
};

/** A test of a line, as it is noted at each of its doors. */
export const LINE_DOOR_WORDS: Words = {
  'line-test': { zh: '这扇门的线路开始测试，刷卡暂时不开门。', en: 'The line of this door is being tested: cards do not open it meanwhile.' },
  'line-test-end': { zh: '线路测试结束，刷卡照常开门。', en: 'The test of the line is over: cards open the door again.' },
};

/** What was done to the keys of devices and with lines: for the audit. */
export const LINE_KEY_WORDS: Words = {
  'line-key-begun': { zh: '开始给一个串口设备发密钥。', en: 'Giving a device on a serial line a key was begun.' },
  'line-key-sent': { zh: '确认了设备，新密钥已存好并发出。', en: 'The device was confirmed; its new key was stored and sent.' },
  'line-key-cancelled': { zh: '取消了给串口设备发密钥。', en: 'Giving a device a key was called off.' },
  'line-key-given': { zh: '一个串口设备用上了新密钥。', en: 'A device on a serial line took its new key.' },
  'line-key-entered': { zh: '给一个串口设备手工填了密钥。', en: 'The key of a device was entered by hand.' },
  'line-key-proved': { zh: '一个串口设备证明了手工填的密钥，身份已记下。', en: 'A device proved the key that was entered by hand; who it is was noted.' },
  'line-key-forgotten': { zh: '忘掉了一个串口设备的密钥，要重新发。', en: 'The key of a device was forgotten: it needs another.' },
  'line-address-sent': { zh: '新地址已存好，让一个串口设备换过去。', en: 'The new address of a serial device was stored, and the device told to go there.' },
  'line-address-changed': { zh: '一个串口设备在新地址上证明了密钥，地址已改。', en: 'A serial device proved its key at its new address; the register has that now.' },
  'line-address-kept': { zh: '一个串口设备还在原地址，没有换。', en: 'A serial device is at its old address; it did not go.' },
  'line-address-dropped': {
    zh: '不再到新地址找一个串口设备，算它还在原地址。',
    en: 'A serial device is looked for at its new address no more; it counts as being at its old one.',
  },
  'line-speed-sent': { zh: '新速率已存好，让一条串口线上的设备换过去。', en: 'The new speed of a serial line was stored, and its devices are told.' },
  'line-speed-changed': { zh: '一条串口线在新速率上连上了，速率已改。', en: 'A serial line was met at its new speed; the register has that now.' },
  'line-speed-kept': { zh: '一条串口线还在原速率，没有换。', en: 'A serial line is at its old speed; it did not go.' },
  'line-clear-begun': { zh: '允许一个串口设备暂时不加密通信。', en: 'A device on a serial line may speak in clear for a while.' },
  'line-test-begun': { zh: '开始测试一条串口线，线上的门暂时刷不了卡。', en: 'The test of a serial line was begun; its doors take no cards meanwhile.' },
  'line-test-stopped': { zh: '提前结束了一条串口线的测试。', en: 'The test of a serial line was stopped.' },
  'line-test-over': { zh: '一条串口线的测试结束了。', en: 'The test of a serial line is over.' },
  'line-clear-ended': { zh: '一个串口设备不能再不加密通信。', en: 'A device on a serial line may not speak in clear any more.' },
};
