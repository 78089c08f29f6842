// A journal writer whose disk hangs: it takes entries and answers none of them until it is asked to judge a checkpoint.
import { parentPort } from 'node:worker_threads';

const held = [];
let index = 1;
const answer = ({ first, packet }) => {
  const count = packet.numbers.length / 12;
  parentPort.postMessage({ t: 'stored', first, count, index, duplicates: [], last: index + count - 1 });
  index += count;
};
let awake = false;
parentPort.on('message', (message) => {
  if (message.t === 'append' && !awake) held.push(message);
  else if (message.t === 'append') answer(message);
  else if (message.t === 'judge') {
    awake = true;
    held.splice(0).forEach(answer);
    parentPort.postMessage({ t: 'judged', id: message.id, result: 'agrees' });
  } else if (message.t === 'stop') parentPort.close();
});
parentPort.postMessage({ t: 'ready', last: 0, checkpoint: undefined });
