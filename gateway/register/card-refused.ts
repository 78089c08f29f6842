/** Why a card is not stopped, its stop not undone, or it is given no PIN. */
export type CardRefusal =
  /** There is no such card or stop. */
  | 'missing'
  /** It works no more already. */
  | 'stopped'
  /** It is the only key of somebody who lives here, and not lost. */
  | 'only-key'
  /** Somebody else stopped it. */
  | 'not-yours'
  /** Too late, or it was undone already. */
  | 'over'
  /** A PIN that a thief tries first. */
  | 'weak-pin'
  /** Nobody holds it. */
  | 'nobody'
  /** This stop was undone before, or the card was stopped anew. */
  | 'not-lost'
  /** Its holder was given another since it was lost. */
  | 'replaced'
  /** Its holder neither lives nor works here any more. */
  | 'no-right';

export class CardRefused extends Error {
  override readonly name = 'CardRefused';
  readonly why: CardRefusal;

  constructor(why: CardRefusal) {
    super(`card: ${why}`);
    this.why = why;
  }
}
