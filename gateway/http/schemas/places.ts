import { type Static, Type } from 'typebox';
import { MoveOutView } from './tenancies.ts';

/** Places and people as the API shows them. Times are epoch ms; personal data is masked unless it says otherwise. */
export const Sentence = Type.Object({ zh: Type.String(), en: Type.String() });

export const DoorLive = Type.Object({
  online: Type.Boolean(),
  since: Type.Integer(),
  contact: Type.Union([Type.Literal('open'), Type.Literal('closed'), Type.Literal('unknown')]),
  lock: Type.Union([Type.Literal('locked'), Type.Literal('unlocked'), Type.Literal('unknown')]),
  power: Type.Boolean(),
  queued: Type.Integer(),
  have: Type.String(),
  want: Type.String(),
  /** There for a weak link: an esp-rfid board, whose entries can be lost. */
  weak: Type.Optional(Type.Boolean()),
  /** A weak link in a lockdown: how many cards it still opens for and should not. Left out: not known. */
  unwanted: Type.Optional(Type.Integer()),
  /** Has its reader a keypad? Left out: its controller has not said so yet. */
  keypad: Type.Optional(Type.Boolean()),
});
export type DoorLive = Static<typeof DoorLive>;

export const DoorView = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  name: Type.String(),
  nameEn: Type.String(),
  kind: Type.Union([Type.Literal('street'), Type.Literal('roof'), Type.Literal('gate'), Type.Literal('unit')]),
  unitId: Type.Union([Type.Integer(), Type.Null()]),
  /** When its test is due again, epoch ms; null: it has no signed commissioning sheet. */
  retestDue: Type.Union([Type.Integer(), Type.Null()]),
  /** End of the lockdown it is in, epoch ms; null: in none. */
  lockdownUntil: Type.Union([Type.Integer(), Type.Null()]),
  /** Undefined until a controller is fitted. */
  live: Type.Optional(DoorLive),
});
export type DoorView = Static<typeof DoorView>;

const Told = Type.Union([Type.Integer(), Type.Null()]);

/** A home as a tile. A number that is null, or the state `untold`, is not this viewer's to know. */
export const UnitTile = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  floor: Type.Integer(),
  room: Type.String(),
  use: Type.String(),
  people: Told,
  registered: Told,
  keys: Told,
  /** False: contracts are not this viewer's to know; then `termEnd` says nothing. */
  contract: Type.Boolean(),
  /** Earliest contract end among running tenancies; null also when there is none. */
  termEnd: Told,
  state: Type.Union(
    [Type.Literal('empty'), Type.Literal('fine'), Type.Literal('due'), Type.Literal('overdue'), Type.Literal('holdover'), Type.Literal('soon'), Type.Literal('untold')],
    { description: 'soon: a contract ends within 30 days' },
  ),
  /** Due date of the earliest open registration; null also when none is open. */
  registrationDue: Told,
  /** There is a page of this home for the viewer: `GET /units/:id`. */
  sheet: Type.Boolean(),
});
export type UnitTile = Static<typeof UnitTile>;

export const BuildingSummary = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  name: Type.String(),
  nameEn: Type.String(),
  address: Type.String(),
  mode: Type.String(),
  units: Type.Integer(),
  doors: Type.Integer(),
});
export type BuildingSummary = Static<typeof BuildingSummary>;

export const BuildingView = Type.Intersect([
  BuildingSummary,
  Type.Object({
    floors: Type.Array(Type.Object({ floor: Type.Integer(), units: Type.Array(UnitTile) })),
    doorList: Type.Array(DoorView),
    /** Granted openings today: a count, never who or when; null: not this viewer's to know. */
    openedToday: Told,
    /** For who is given numbers of whole buildings only, and never of fewer than ten people; null for everybody else. */
    totals: Type.Union([Type.Object({ people: Type.Integer(), registered: Type.Integer() }), Type.Null()]),
  }),
]);
export type BuildingView = Static<typeof BuildingView>;

/** A building to be managed. `site`: its MQTT site id, made from the code when not given. */
export const BuildingAdd = Type.Object({
  code: Type.String({ minLength: 1, maxLength: 64 }),
  site: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  name: Type.String({ minLength: 1, maxLength: 256 }),
  nameEn: Type.Optional(Type.String({ maxLength: 256 })),
  address: Type.Optional(Type.String({ maxLength: 1024 })),
  mode: Type.Optional(Type.Union([Type.Literal('hotel'), Type.Literal('compound'), Type.Literal('scattered')])),
  /** Data bits a reader gives, and the byte order of the decimals printed on cards. */
  readerBits: Type.Optional(Type.Union([Type.Literal(24), Type.Literal(32), Type.Literal(40), Type.Literal(56), Type.Literal(64)])),
  readerOrder: Type.Optional(Type.Union([Type.Literal('msb'), Type.Literal('lsb')])),
});
export type BuildingAdd = Static<typeof BuildingAdd>;
/** `entry`: where the journal says so, 0 when it could not be written. */
export const BuildingAdded = Type.Object({ building: BuildingSummary, site: Type.String(), entry: Type.Integer() });
export type BuildingAdded = Static<typeof BuildingAdded>;

/** How an esp-rfid board writes card numbers (docs/esp-rfid.md). */
export const BoardCards = Type.Union([
  Type.Literal('uid'),
  Type.Literal('uid-short'),
  Type.Literal('decimal'),
  Type.Literal('hex'),
  Type.Literal('decimal-reversed'),
  Type.Literal('hex-reversed'),
]);
export type BoardCards = Static<typeof BoardCards>;

/** A door that gets a controller. `room`: the home behind a door of kind unit. */
export const DoorFit = Type.Object({
  kind: Type.Union([Type.Literal('street'), Type.Literal('roof'), Type.Literal('gate'), Type.Literal('unit')]),
  name: Type.String({ minLength: 1, maxLength: 256 }),
  nameEn: Type.Optional(Type.String({ maxLength: 256 })),
  room: Type.Optional(Type.String({ maxLength: 64 })),
  /** The door has an esp-rfid board; the word says how it writes card numbers (docs/esp-rfid.md). */
  boardCards: Type.Optional(BoardCards),
});
export type DoorFit = Static<typeof DoorFit>;
/** `device`: MQTT client id and username of its controller, once one is enrolled (`POST /doors/:id/controller/codes`). */
export const DoorFitted = Type.Object({
  door: DoorView,
  site: Type.String(),
  device: Type.String(),
  topics: Type.String(),
  entry: Type.Integer(),
});
export type DoorFitted = Static<typeof DoorFitted>;

export const PersonView = Type.Object({
  id: Type.Integer(),
  /** 李* unless the name is his to see: a clerk's, a landlord's of his own tenants, who gave it in, a tenant's of his household. */
  name: Type.String(),
  documentType: Type.String(),
  /** 890101********0118, or '' when none is recorded. */
  documentMasked: Type.String(),
  phoneMasked: Type.String(),
  registered: Type.Boolean(),
  registrationState: Type.String(),
  registrationDue: Type.Union([Type.Integer(), Type.Null()]),
  role: Type.String(),
  /** When he leaves or left before the tenancy ends; null: he does not, or it is not this viewer's to know. */
  untilAt: Type.Union([Type.Integer(), Type.Null()]),
});
export type PersonView = Static<typeof PersonView>;

export const CredentialView = Type.Object({
  id: Type.Integer(),
  tech: Type.String(),
  /** '' for who is told only whether it works; so is the label. */
  tail: Type.String(),
  kind: Type.String(),
  label: Type.String(),
  status: Type.String(),
  personId: Type.Union([Type.Integer(), Type.Null()]),
  /** It has a PIN; false too for who is told only whether it works. */
  pin: Type.Boolean(),
});
export type CredentialView = Static<typeof CredentialView>;

export const TenancyView = Type.Object({
  id: Type.Integer(),
  kind: Type.String(),
  startAt: Type.Integer(),
  /** False: the contract is not this viewer's to know; its end and the end of access are null then. */
  contract: Type.Boolean(),
  termEnd: Type.Union([Type.Integer(), Type.Null()]),
  accessUntil: Type.Union([Type.Integer(), Type.Null()]),
  endedBy: Type.String(),
  /** running | holdover | ended | coming */
  state: Type.String(),
  /** To be sent back as If-Match by whoever extends it. */
  version: Type.Integer(),
  /** Newest statement that all or one moved out, unless it was taken back; null: none, or not this viewer's to know. */
  moveOut: Type.Union([MoveOutView, Type.Null()]),
  people: Type.Array(PersonView),
  credentials: Type.Array(CredentialView),
});
export type TenancyView = Static<typeof TenancyView>;

export const UnitView = Type.Object({ unit: UnitTile, building: BuildingSummary, tenancies: Type.Array(TenancyView), doors: Type.Array(DoorView) });
export type UnitView = Static<typeof UnitView>;
