import { type Static, Type } from 'typebox';
import { PAGE_NEXT } from '../page.ts';
import { Role } from './session.ts';
import { Sentence } from './places.ts';

const Named = { id: Type.Integer(), name: Type.String(), nameEn: Type.String() };

/** An alarm of a door. Times are epoch ms. What is null is not this viewer's to know. */
export const DoorAlarmView = Type.Object({
  id: Type.Integer({ description: 'To acknowledge it by' }),
  word: Type.String({ description: 'A stable lower-case word: forced, held, tamper, power-lost …' }),
  words: Sentence,
  door: Type.Object(Named),
  building: Type.Object(Named),
  at: Type.Integer({ description: 'When it was raised; where `exact` is false the first moment of that day' }),
  exact: Type.Boolean({ description: 'False: the time of day would tell that somebody passed' }),
  state: Type.Union([Type.Literal('on'), Type.Literal('over'), Type.Literal('moment'), Type.Literal('untold')], {
    description: 'on: it is still so; over: it ended; moment: it has no duration; untold: not this viewer’s to know',
  }),
  endedAt: Type.Union([Type.Integer(), Type.Null()]),
  count: Type.Union([Type.Integer(), Type.Null()], { description: 'How often it came until it was acknowledged' }),
  lastAt: Type.Union([Type.Integer(), Type.Null()]),
  entry: Type.Union([Type.Integer(), Type.Null()], { description: 'Journal entry that raised it' }),
  acknowledged: Type.Union([
    Type.Object({ by: Type.String({ description: "'' for the local operator" }), role: Role, at: Type.Integer(), note: Type.Union([Type.String(), Type.Null()]) }),
    Type.Null(),
  ]),
  mayAcknowledge: Type.Boolean(),
});
export type DoorAlarmView = Static<typeof DoorAlarmView>;

export const DoorAlarmPage = Type.Object({ alarms: Type.Array(DoorAlarmView), ...PAGE_NEXT });
export type DoorAlarmPage = Static<typeof DoorAlarmPage>;

/** `open`: nobody acknowledged them yet; `more`: there are more than were counted. */
export const DoorAlarmCount = Type.Object({ open: Type.Integer(), more: Type.Boolean() });
export type DoorAlarmCount = Static<typeof DoorAlarmCount>;

export const AlarmNote = Type.Object({ note: Type.String({ minLength: 1, maxLength: 500, description: 'What was found and done' }) });
