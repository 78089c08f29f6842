import { type Static, Type } from 'typebox';

/**
 * The roster of people in homes, its export, and the sheets of a home (S6.01, S4.06), all below /api/v1.
 *
 * GET  /roster RosterQuery → RosterPage · POST /roster/export RosterExportWish → CSV or XLSX, or 202 ExportWaits (recent second factor)
 * GET  /units/:id/sheet → HomeSheet · POST /units/:id/sheet/print SheetPrint → HomeSheet with `printed`
 *
 * Times are epoch ms. What a role is not told is null.
 */
const L = Type.Literal;
const Maybe = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
const RowId = Type.Integer({ minimum: 1, maximum: 4_294_967_295 });
/** 12 digits of a division: everything below it. */
const Division = Type.String({ pattern: '^[1-9][0-9]{11}$', description: 'Code of a division, 12 digits: a community, a street' });
const Floor = Type.Integer({ minimum: -9, maximum: 199 });
const Name = Type.Object({ name: Type.String(), nameEn: Type.String() });

export const RosterState = Type.Union([L('registered'), L('due'), L('overdue'), L('movedOut')]);
export type RosterState = Static<typeof RosterState>;
export const RosterSort = Type.Union([L('room'), L('due'), L('start'), L('end')]);
export type RosterSort = Static<typeof RosterSort>;

/** Which people; `state` left out: all who have not moved out. */
const WHICH = { building: Type.Optional(RowId), division: Type.Optional(Division), floor: Type.Optional(Floor), state: Type.Optional(RosterState) } as const;

export const RosterQuery = Type.Object({
  ...WHICH,
  sort: Type.Optional(RosterSort),
  descending: Type.Optional(Type.Boolean()),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  after: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before, under the same order' })),
});
export type RosterQuery = Static<typeof RosterQuery>;

/** Somebody in a home. Numbers are masked for everybody; names for whoever needs no more. */
const RosterPerson = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  documentType: Type.String(),
  documentMasked: Type.String(),
  phoneMasked: Type.String(),
});

export const RosterLine = Type.Object({
  id: Type.Integer(),
  unit: Type.Object({ id: Type.Integer(), code: Type.String(), floor: Type.Integer(), room: Type.String() }),
  building: Type.Object({ id: Type.Integer(), name: Type.String(), nameEn: Type.String() }),
  person: RosterPerson,
  /** tenant | coOccupant */
  role: Type.String(),
  /** How he belongs to the tenant; '' nobody said. */
  relation: Type.String(),
  /** Somebody saw the identity document. */
  checked: Type.Boolean(),
  state: RosterState,
  /** none | pending | accepted */
  registrationState: Type.String(),
  registrationDue: Maybe(Type.Integer()),
  movedIn: Maybe(Type.Integer()),
  termEnd: Maybe(Type.Integer()),
  /** When he left or will leave; null also while nothing was said. */
  leaves: Maybe(Type.Integer()),
  /** Active cards. */
  keys: Type.Integer(),
});
export type RosterLine = Static<typeof RosterLine>;

/** `dates`: this role is told of contracts, and may sort by them. `cut`: the page ends early because today's look-ups are spent. */
export const RosterPage = Type.Object({
  lines: Type.Array(RosterLine),
  counts: Type.Object({ registered: Type.Integer(), due: Type.Integer(), overdue: Type.Integer(), movedOut: Type.Integer() }),
  next: Maybe(Type.String()),
  dates: Type.Boolean(),
  cut: Type.Boolean(),
  /** May this role take the roster away as a file? */
  mayExport: Type.Boolean(),
  /** Communities the viewer has buildings in; by their code where the register has no name. */
  communities: Type.Array(Type.Object({ code: Type.String(), name: Type.String(), nameEn: Type.String() })),
});
export type RosterPage = Static<typeof RosterPage>;

/** `note`: why, in words. `approval`: the pending act a second person has agreed to, when more than 100 persons are in it. */
export const RosterExportWish = Type.Object({
  ...WHICH,
  form: Type.Union([L('csv'), L('xlsx')]),
  note: Type.String({ minLength: 5, maxLength: 200 }),
  approval: Type.Optional(RowId),
});
export type RosterExportWish = Static<typeof RosterExportWish>;

/** Somebody on a sheet. `document` and `phone` in full only on the print of a role that is given whole numbers, else masked. */
export const SheetPerson = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  /** GB/T 2261.1 */
  sex: Type.Integer(),
  /** yyyy-mm-dd; '' unknown, or not this role's to know. */
  birth: Type.String(),
  documentType: Type.String(),
  document: Type.String(),
  phone: Type.String(),
  /** Where his household is registered, as his identity number says; '' unknown. */
  household: Name,
  role: Type.String(),
  relation: Type.String(),
  /** rent | free | business */
  basis: Type.String(),
  checked: Type.Boolean(),
  registrationState: Type.String(),
  registrationDue: Maybe(Type.Integer()),
  movedIn: Maybe(Type.Integer()),
  termEnd: Maybe(Type.Integer()),
});
export type SheetPerson = Static<typeof SheetPerson>;

/** A home with who lives in it now, as its forms ask (S4.06). `printed`: the entry of the log that notes this print. */
export const HomeSheet = Type.Object({
  unit: Type.Object({ id: Type.Integer(), code: Type.String(), floor: Type.Integer(), room: Type.String(), use: Type.String() }),
  building: Type.Object({ id: Type.Integer(), code: Type.String(), name: Type.String(), nameEn: Type.String(), address: Type.String(), mode: Type.String() }),
  filing: Maybe(Type.Object({ state: Type.String(), titleKind: Type.String(), titleNumber: Type.String(), area: Type.Integer(), checkedAt: Maybe(Type.Integer()) })),
  people: Type.Array(SheetPerson),
  /** Whoever prints sees whole numbers then. */
  whole: Type.Boolean(),
  printed: Maybe(Type.Object({ entry: Type.Integer(), at: Type.Integer(), by: Type.String(), why: Type.String() })),
});
export type HomeSheet = Static<typeof HomeSheet>;

/** What a print is for; `person`: the form of one of them, else that of the home. */
export const SheetPrint = Type.Object({ why: Type.Union([L('file'), L('visit'), L('counter'), L('asked')]), person: Type.Optional(RowId) });
export type SheetPrint = Static<typeof SheetPrint>;
