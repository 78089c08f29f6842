import { FieldError } from '../../wire/fields.ts';
import type { BoardTail } from '../../wire/esp-rfid/login.ts';
import { type BoardMessage, readBoard } from '../../wire/esp-rfid/messages.ts';
import { addressOf, announce, type Board, type BoardContext, note, refuse } from './board.ts';
import { dutyRelease, happeningOf, isRemote, outcomeOf } from './lines.ts';

/** Lines of one board stored at once. A board sends one for each card before it. */
const MAX_STORING = 32;

type Access = Extract<BoardMessage, { k: 'access' }>;

/** A line of its access log. The one that answers our own order to open is that order's result, not another entry. */
async function onAccess(context: BoardContext, board: Board, message: Access): Promise<void> {
  const { users, record } = board;
  if (isRemote(message) && board.opening !== undefined) return board.opening.settle('done');
  const outcome = outcomeOf(record, message, { told: users.reading, knows: context.knows }, { now: context.now(), list: board.have });
  const byCard = outcome.granted && !isRemote(message);
  const expected = users.wants(message.uid) || users.wants(message.uid.toLowerCase());
  if (byCard && !expected) {
    // Somebody was entered on the board itself, or has just been taken off the list.
    context.log.warn({ board: record.deviceId }, 'an esp-rfid board opened for a card that it should not hold');
    users.recheck();
  }
  await context.side.outcome(outcome);
  if (!byCard || !expected || !board.locked || board.lockdown === undefined) return;
  // In a lockdown nobody is on it but who may end it at the door; the register hears of it, and says so to the other desks.
  board.lockdown.released = true;
  await context.side.happened(dutyRelease(record, message, context.now()));
}

function onAlive(context: BoardContext, board: Board, { boot, ip }: Extract<BoardMessage, { k: 'alive' }>): void {
  // Only ever the address it is told to open at itself: who it is says its login.
  if (ip !== '' && ip !== addressOf(board)) {
    board.ip = ip;
    // What it was told under another address it has passed over.
    board.users.forget();
  }
  if (!boot) return;
  board.users.forget();
  note(context, board, 'boot', 'started');
}

async function store(context: BoardContext, board: Board, act: () => Promise<void>): Promise<void> {
  if (board.storing >= MAX_STORING) return refuse(context, board, 'flood', `more than ${MAX_STORING} lines at once`);
  if (!context.lines.allow(board.record.deviceId)) return refuse(context, board, 'flood', 'too many lines in a minute');
  board.storing += 1;
  try {
    await act();
  } catch (error) {
    // Nothing goes back to the board: it does not keep its lines, and this one is lost. The log itself raises the alarm.
    context.log.error({ board: board.record.deviceId, error: String(error) }, 'a line of an esp-rfid board was not stored and is lost');
  } finally {
    board.storing -= 1;
  }
}

/** Reads and handles one message. Resolves when it is dealt with; what is wrong with it is told and forgotten. Never rejects. */
export async function receive(context: BoardContext, board: Board, tail: BoardTail, payload: Buffer): Promise<void> {
  let message: BoardMessage;
  try {
    message = readBoard(payload);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return refuse(context, board, 'malformed', `${tail}: ${error.message}`);
  }
  switch (message.k) {
    case 'access': {
      const line = message;
      return store(context, board, () => onAccess(context, board, line));
    }
    case 'event': {
      const happening = happeningOf(board.record, message, context.now());
      if (message.what !== 'tamper') board.contact = message.what === 'closed' ? 'closed' : 'open';
      announce(context, board);
      return store(context, board, () => context.side.happened(happening));
    }
    case 'alive':
      return onAlive(context, board, message);
    case 'user':
      return board.users.onUser(message);
    case 'ack':
      return board.users.onAck(message.of);
    case 'dropped':
      return refuse(context, board, 'board-memory');
    case 'other':
  }
}
