import { existsSync } from 'node:fs';
import path from 'node:path';
import { boardDoorsOf } from '../store/door-lists.ts';
import { openReadOnly } from '../store/sqlite.ts';
import { type Finding, trouble } from './finding.ts';

/** Doors with esp-rfid boards, and where boards connect. */
export interface WeakFacts {
  readonly doors: number;
  /** Undefined: the settings open no port for boards. */
  readonly at: { readonly host: string; readonly port: number } | undefined;
}

/** Reads the register beside a gateway that may be running. */
export function weakFacts(data: string, at: WeakFacts['at']): WeakFacts {
  const file = path.join(data, 'register.sqlite');
  if (!existsSync(file)) return { doors: 0, at };
  const connection = openReadOnly(file);
  try {
    return { doors: boardDoorsOf(connection), at };
  } finally {
    connection.close();
  }
}

const REPLACE = {
  zh: '换成本系统的控制器前：给这些板单独一个网络，从那里够不到别的电脑',
  en: 'Until these boards are replaced by controllers of ours, give them a network of their own from which nothing else is reached',
};

/** A site without such boards has nothing to be told. */
export function judgeWeak({ doors, at }: WeakFacts): Finding[] {
  const port =
    at === undefined && doors > 0
      ? [
          trouble(
            'warn',
            { zh: `${doors} 扇门用 esp-rfid 板，但没有开它们的端口，板子连不上`, en: `${doors} doors have esp-rfid boards, and no port is open for them` },
            { zh: '设置 ESP_RFID_PORT 和 ESP_RFID_HOST，再重启网关', en: 'Set ESP_RFID_PORT and ESP_RFID_HOST, and start the gateway again' },
          ),
        ]
      : [];
  if (at === undefined && doors === 0) return [];
  const found = {
    zh: `弱连接：${doors} 扇门用 esp-rfid 板，不加密，卡号在网上看得见，时间是板子自己的，记录可能丢`,
    en: `Weak link: ${doors} doors have esp-rfid boards; nothing is encrypted, card numbers can be read on the network, the time is the board's own, and entries can be lost`,
  };
  return [...port, trouble('warn', found, REPLACE)];
}
