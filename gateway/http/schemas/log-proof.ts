import { type Static, Type } from 'typebox';
import { Sentence } from './places.ts';

/**
 * What the log says of itself, all below /api/v1. Nothing here is personal data.
 *
 * GET  /log/checkpoint → LogNow (ETag) · GET /log/checkpoint/note LogNoteQuery → text/plain
 * GET  /log/consistency ConsistencyQuery → ConsistencyProof
 * GET  /log/checkpoints CheckpointQuery → CheckpointPage (auditors and operators)
 * POST /log/fork-seen ForkSeen → ForkTaken
 *
 * How many entries there are tells when somebody passed a door. Who is not shown every entry is given the checkpoint
 * of the last midnight (`daily`), and proofs up to it.
 */
const Maybe = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
const Origin = Type.String({ pattern: '^doorbook/log/[0-9a-f]{32}$', description: 'Name of a log.' });
const Size = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Entries of that log.' });
const Root = Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$', description: 'SHA-256, base64.' });
/** A C2SP signed note as text. */
const Note = Type.String({ minLength: 1, maxLength: 16_384 });

/** A signed statement about the first `size` entries of a log. */
export const CheckpointView = Type.Object({
  origin: Origin,
  size: Size,
  root: Root,
  /** When it was signed by the gateway's clock, epoch ms. Not part of what is signed. */
  at: Type.Integer(),
  /** Index in the journal of the newest entry it covers: what people are shown. */
  index: Type.Integer(),
  note: Note,
  /** C2SP verifier key of the log: `origin+key id+base64`. */
  key: Type.String(),
});
export type CheckpointView = Static<typeof CheckpointView>;

/** Newest checkpoint for whoever asks; null before the first. `earlier`: the newest of each log before it, newest log first: this one goes on from them. */
export const LogNow = Type.Object({ checkpoint: Maybe(CheckpointView), earlier: Type.Array(CheckpointView), daily: Type.Boolean() });
export type LogNow = Static<typeof LogNow>;

/** Left out: the newest. A size that was never signed: the next that was. */
export const LogNoteQuery = Type.Object({ origin: Type.Optional(Origin), size: Type.Optional(Size) });

/** `root`: of the first `to` entries. Whoever knows it has that checkpoint already and may ask beyond the last midnight. */
export const ConsistencyQuery = Type.Object({ origin: Origin, from: Size, to: Size, root: Type.Optional(Root) });
/** Shows the log's first `from` entries to be the beginning of its first `to` (RFC 9162, 2.1.4). `proof`: base64, lowest first. */
export const ConsistencyProof = Type.Object({ origin: Origin, from: Size, to: Size, proof: Type.Array(Root) });
export type ConsistencyProof = Static<typeof ConsistencyProof>;

/** A log in the journal. `first`: index of its first entry. */
const LogView = Type.Object({ origin: Origin, first: Type.Integer(), size: Type.Integer(), cites: Maybe(Type.String()), key: Type.String() });

/** The checkpoint that the controller of a door keeps. `at`: when it said so. `agrees`: false when it is not of our log. */
export const HeldCheckpoint = Type.Object({ doorId: Type.Integer(), door: Sentence, size: Size, at: Type.Integer(), agrees: Type.Boolean() });
export type HeldCheckpoint = Static<typeof HeldCheckpoint>;

/** Checkpoints of a log, newest first; the newest log when none is named. `held`: left out while no controller has said what it keeps. */
export const CheckpointPage = Type.Object({
  checkpoints: Type.Array(CheckpointView),
  logs: Type.Array(LogView),
  held: Type.Optional(Type.Array(HeldCheckpoint)),
  next: Maybe(Type.String()),
});
export type CheckpointPage = Static<typeof CheckpointPage>;

/** Two notes that cannot both be of one log: the one a console had verified, and the one it was given now. */
export const ForkSeen = Type.Object({ seen: Note, got: Note });
export type ForkSeen = Static<typeof ForkSeen>;

/** `counted`: a note with our own signature does not agree with our log, so an alarm was raised; `entry`: where it is noted, null when it had been noted before. */
export const ForkTaken = Type.Object({ counted: Type.Boolean(), entry: Maybe(Type.Integer()) });
export type ForkTaken = Static<typeof ForkTaken>;
