import { fitController, fittedController } from '../fitted.ts';
import { serialPort } from '../../gateway/serial/port.ts';
import { Board } from './board.ts';
import { readBoardFile } from './board-file.ts';
import { giveKey } from './give-key.ts';
import { openGpio } from './gpio.ts';

const HELP = `npm run door -- FILE                              运行这扇门 run the doors of a board
npm run door -- enrol FILE 'doorbook:enrol?…'     用一次性代码登记 enrol with a one-time code
npm run door -- key FILE NAME                     给读卡器一把新钥匙 give an OSDP device a fresh key`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function runBoard(path: string): Promise<void> {
  const file = readBoardFile(path);
  const fitted = fittedController(file.folder);
  const points = [...file.doors.flatMap(({ relay, contact, exit }) => [relay, contact, exit]), file.fire, file.tamper];
  const pins = points.some((point) => point !== undefined && 'chip' in point) ? await openGpio(print) : undefined;
  const board = new Board({ file, fitted, openPort: serialPort, pins, say: print });
  const stop = (): void => {
    board.stop();
    process.exit(0);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  board.start();
  print(`${fitted.devices[0]?.device} → ${fitted.mqtt.host}:${fitted.mqtt.port}`);
}

async function main([act, file, third]: readonly string[]): Promise<void> {
  if (act === undefined || act === 'help') return print(HELP);
  if (act === 'enrol' || act === 'key') {
    if (file === undefined || third === undefined) throw new Error(HELP);
    const board = readBoardFile(file);
    if (act === 'key') return giveKey(board, third, print);
    const { devices } = await fitController(third, board.folder, board.doors.length);
    return print(`✓ ${devices[0]?.device}`);
  }
  await runBoard(act);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
