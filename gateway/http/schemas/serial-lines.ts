import { type Static, Type } from 'typebox';

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Address = Type.Integer({ minimum: 0, maximum: 126 });
const Baud = Type.Union([Type.Literal(9600), Type.Literal(19_200), Type.Literal(38_400), Type.Literal(57_600), Type.Literal(115_200), Type.Literal(230_400)]);

/** An input of a device, for a contact, an exit button or fire. */
export const LinePoint = Type.Object({ deviceId: Type.Integer({ minimum: 1 }), input: Type.Integer({ minimum: 0, maximum: 63 }), activeLow: Type.Boolean() });
export type LinePoint = Static<typeof LinePoint>;

/** Which devices a door is made of. `contact` active: the door is open. */
export const DoorWiring = Type.Object({
  readerId: Type.Integer({ minimum: 1 }),
  readerNumber: Type.Integer({ minimum: 0, maximum: 7 }),
  relayId: Type.Integer({ minimum: 1 }),
  relayOutput: Type.Integer({ minimum: 0, maximum: 63 }),
  contact: OrNull(LinePoint),
  exit: OrNull(LinePoint),
});
export type DoorWiring = Static<typeof DoorWiring>;

/** Giving a key: begun, the device said who it is, sent; then how it went. Times are epoch ms. */
export const KeyGiving = Type.Object({
  state: Type.Union([
    Type.Literal('begun'),
    Type.Literal('identity'),
    Type.Literal('sent'),
    Type.Literal('done'),
    Type.Literal('late'),
    Type.Literal('weak-key'),
    Type.Literal('same-key'),
    Type.Literal('unproven'),
    Type.Literal('not-ready'),
    Type.Literal('cancelled'),
  ]),
  until: Type.Integer(),
  /** What the device says it is; '' before it said so. */
  identity: Type.String(),
});
export type KeyGiving = Static<typeof KeyGiving>;

/**
 * Giving a device another address: it is being told (`asked`), was told and is looked for at both (`sent`); then how it
 * went. `unsent`: it could not be told, `refused`: it would not, `occupied`: somebody answers at the
 * new address, so it was not told, `kept`: it was told and is where it was, `elsewhere`: it
 * goes where it was not told to.
 */
export const AddressMove = Type.Object({
  state: Type.Union([
    Type.Literal('asked'),
    Type.Literal('sent'),
    Type.Literal('done'),
    Type.Literal('unsent'),
    Type.Literal('refused'),
    Type.Literal('occupied'),
    Type.Literal('kept'),
    Type.Literal('elsewhere'),
  ]),
  /** What it was to be given. */
  address: Address,
  /** What it says it takes instead; null: nothing else. */
  said: OrNull(Type.Object({ address: Type.Integer(), baud: Type.Integer() })),
});
export type AddressMove = Static<typeof AddressMove>;

/** A device on a line. Times are epoch ms. */
export const LineDeviceView = Type.Object({
  id: Type.Integer(),
  address: Address,
  /** The address it was told: it may be at either until it has proved its key at one; null: none. */
  nextAddress: OrNull(Address),
  name: Type.String(),
  state: Type.Union([Type.Literal('up'), Type.Literal('degraded'), Type.Literal('offline'), Type.Literal('waiting'), Type.Literal('commissioning'), Type.Literal('unknown')]),
  secured: Type.Boolean(),
  /** Maker (OUI), model and version, serial number, hex with a hyphen between; '' while it has none. */
  identity: Type.String(),
  /** What is there now, when it is another than `identity`; '' otherwise. */
  reported: Type.String(),
  hasKey: Type.Boolean(),
  /** Its key was given over a line that others may have listened on. */
  keyExposed: Type.Boolean(),
  enrolledAt: OrNull(Type.Integer()),
  /** Until when it may speak in clear; null: it may not. */
  clearUntil: OrNull(Type.Integer()),
  pollsPerSecond: Type.Number(),
  alarm: OrNull(Type.Object({ what: Type.String(), at: Type.Integer() })),
  giving: OrNull(KeyGiving),
  moving: OrNull(AddressMove),
});
export type LineDeviceView = Static<typeof LineDeviceView>;

const Count = Type.Integer({ minimum: 0 });
/** What a device came to in a test: what it was sent, what came of it; times from a command to its answer, ms. */
export const DeviceTestView = Type.Object({
  id: Type.Integer(),
  sent: Count,
  answered: Count,
  repeated: Count,
  busy: Count,
  /** Something came, and no frame of it was whole. */
  bent: Count,
  unanswered: Count,
  badMacs: Count,
  badChecks: Count,
  /** Answers later than 100 ms, their time on the wire not counted. */
  slow: Count,
  badBytes: Count,
  /** Longest frame it answered, bytes. */
  longest: Count,
  medianMs: Type.Number(),
  p95Ms: Type.Number(),
  p99Ms: Type.Number(),
  worstMs: Type.Number(),
  /** `oneIn`: one frame in so many; 0 where the word has none. */
  verdict: Type.Object({
    word: Type.Union([
      Type.Literal('good'),
      Type.Literal('noise'),
      Type.Literal('lost'),
      Type.Literal('codes'),
      Type.Literal('late'),
      Type.Literal('busy'),
      Type.Literal('silent'),
      Type.Literal('unreadable'),
      Type.Literal('few'),
      Type.Literal('not-asked'),
    ]),
    oneIn: Count,
  }),
});
export type DeviceTestView = Static<typeof DeviceTestView>;

/** The test a line is in (`endedAt` null), or was in last. Times are epoch ms. */
export const LineTestView = Type.Object({
  since: Type.Integer(),
  until: Type.Integer(),
  endedAt: OrNull(Type.Integer()),
  /** Why it ended: `needed` when a lock was to move. */
  why: OrNull(Type.Union([Type.Literal('time'), Type.Literal('stopped'), Type.Literal('needed'), Type.Literal('desk'), Type.Literal('port'), Type.Literal('key')])),
  devices: Type.Array(DeviceTestView),
});
export type LineTestView = Static<typeof LineTestView>;

/** Moving a line to another speed: its devices were told, and it is looked for at both (`sent`); then where it was met. */
export const SpeedMove = Type.Object({
  state: Type.Union([Type.Literal('sent'), Type.Literal('done'), Type.Literal('kept')]),
  /** What it was to be given. */
  baud: Type.Integer(),
  /** Devices that said that they would not, or would go elsewhere. */
  refused: Type.Array(Type.Integer()),
});
export type SpeedMove = Static<typeof SpeedMove>;

/** A serial line with its devices and doors. */
export const LineView = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  port: Type.String(),
  baud: Type.Integer(),
  /** The speed it is being moved to: it may be at either until a device has proved its key at one; null: none. */
  nextBaud: OrNull(Type.Integer()),
  floorMs: Type.Integer(),
  adapterMs: Type.Integer(),
  fire: OrNull(LinePoint),
  /** The port is open. */
  portUp: Type.Boolean(),
  /** Why it is not, in both languages; '' when it is, or nobody knows yet. */
  why: Type.String(),
  counts: Type.Object({ sent: Type.Integer(), answered: Type.Integer(), repeated: Type.Integer(), badChecks: Type.Integer(), stray: Type.Integer() }),
  devices: Type.Array(LineDeviceView),
  /** null: no test since the gateway started. */
  test: OrNull(LineTestView),
  moving: OrNull(SpeedMove),
  doors: Type.Array(Type.Object({ id: Type.Integer(), code: Type.String(), name: Type.String(), nameEn: Type.String(), wiring: OrNull(DoorWiring) })),
});
export type LineView = Static<typeof LineView>;
export const LineList = Type.Object({
  lines: Type.Array(LineView),
  /** Ports of this computer that no line has, by their stable names. */
  ports: Type.Array(Type.String()),
});
export type LineList = Static<typeof LineList>;

/** A new line, or another port or speed for one. */
export const LineWish = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 60 }),
  /** A device of the gateway's computer: /dev/… */
  port: Type.String({ minLength: 1, maxLength: 200 }),
  baud: Baud,
  floorMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
  adapterMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  fire: Type.Optional(OrNull(LinePoint)),
});
export type LineWish = Static<typeof LineWish>;
export const LineDeviceWish = Type.Object({ address: Address, name: Type.String({ minLength: 1, maxLength: 60 }) });
export type LineDeviceWish = Static<typeof LineDeviceWish>;
/** Where a device is to go on its line. */
export const AddressWish = Type.Object({ address: Address });
export type AddressWish = Static<typeof AddressWish>;
/** A test: how long, why, and every door of the line, whose people must know that it opens to no card. */
export const LineTestWish = Type.Object({
  seconds: Type.Optional(Type.Integer({ minimum: 10, maximum: 600 })),
  reason: Type.String({ minLength: 4, maxLength: 80 }),
  doors: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 31 }),
});
export type LineTestWish = Static<typeof LineTestWish>;
/** Another speed for a line: why, every door of the line, and every device that is not up and would not hear of it. */
export const LineSpeedWish = Type.Object({
  baud: Type.Integer({ minimum: 1 }),
  reason: Type.String({ minLength: 4, maxLength: 60 }),
  doors: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 31 }),
  away: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 31 }),
});
export type LineSpeedWish = Static<typeof LineSpeedWish>;
/** The identity that was read from the device itself. */
export const KeyConfirm = Type.Object({ identity: Type.String({ minLength: 1, maxLength: 40 }) });
export type KeyConfirm = Static<typeof KeyConfirm>;
/** A key that was put into the device by its maker's tool, 32 hex digits. Never given back. */
export const KeyEntry = Type.Object({ key: Type.String({ minLength: 1, maxLength: 100 }) });
export type KeyEntry = Static<typeof KeyEntry>;
/** Speaking in clear, for a while and a reason, which an entry of the log has room for. */
export const ClearWish = Type.Object({ hours: Type.Integer({ minimum: 1, maximum: 168 }), reason: Type.String({ minLength: 4, maxLength: 80 }) });
export type ClearWish = Static<typeof ClearWish>;
