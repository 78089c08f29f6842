import { MAX_CELL, MAX_COLUMNS, MAX_ROWS } from './csv-table.ts';

interface Words {
  readonly zh: string;
  readonly en: string;
}

/** The sentence for each thing that can be found in a roster: what is wrong, and what to do. */
const WORDS = {
  FILE_EMPTY: { zh: '文件是空的。', en: 'The file is empty.' },
  FILE_TOO_LARGE: { zh: '文件超过 8 MB。请分成几个文件。', en: 'The file is larger than 8 MB. Split it.' },
  FILE_WORKBOOK: {
    zh: '这个表格文件读不了：太旧、有密码或已损坏。请另存为 .xlsx 或 CSV 再导入。',
    en: 'This workbook cannot be read: too old, locked with a password, or damaged. Save it as .xlsx or CSV, then import that.',
  },
  FILE_ENCODING: { zh: '文字编码认不出。请另存为 UTF-8 的 CSV。', en: 'The text cannot be read. Save the file as CSV in UTF-8.' },
  FILE_ROWS: { zh: `超过 ${MAX_ROWS} 行。请分成几个文件。`, en: `More than ${MAX_ROWS} rows. Split the file.` },
  FILE_COLUMNS: { zh: `这一行超过 ${MAX_COLUMNS} 列。请删去多余的列。`, en: `This row has more than ${MAX_COLUMNS} columns. Remove what is not needed.` },
  FILE_QUOTES: { zh: '从这一行起引号没有配对。请检查双引号。', en: 'From this row on a quotation mark is not closed. Check the double quotes.' },
  FILE_HEADER: { zh: '没找到表头。表头要有姓名、房号、起租日期。', en: 'No header row was found. It needs at least name, room and start date.' },
  FILE_COLUMN_MISSING: { zh: '缺少这些列，请补上。', en: 'These columns are missing. Add them.' },
  FILE_COLUMN_TWICE: { zh: '这两列意思相同，请只留一列。', en: 'These two columns mean the same. Keep one.' },
  FILE_NO_ROWS: { zh: '表头下面没有内容。', en: 'There are no rows below the header.' },
  ROW_TOO_WIDE: { zh: '这一行比表头多出内容，可能多了一个逗号。', en: 'This row goes beyond the header. There may be a comma too many.' },
  CELL_TOO_LONG: { zh: `一格最多 ${MAX_CELL} 个字。`, en: `A cell holds at most ${MAX_CELL} characters.` },
  CELL_SHORTENED: { zh: '表格软件把号码缩短了。请把这一列设成文本，重新填写。', en: 'The spreadsheet has shortened this number. Format the column as text and type it again.' },
  NAME_FORMAT: { zh: '姓名要有 1 到 50 个字。', en: 'A name has 1 to 50 characters.' },
  SEX_UNKNOWN: { zh: '性别认不出，按未填处理。', en: 'The sex is not understood and left open.' },
  SEX_DIFFERS: { zh: '性别和证件号码不一致。请核对。', en: 'The sex does not agree with the identity number. Check both.' },
  DOC_TYPE_UNKNOWN: { zh: '证件类型认不出。请写居民身份证、护照等。', en: 'This kind of document is not known. Write, for example, resident ID card or passport.' },
  DOC_TYPE_MISSING: { zh: '请写明证件类型。', en: 'Say which kind of document this is.' },
  DOC_MISSING: { zh: '没有证件号码：可以导入，但登记证件前卡打不开门。', en: 'No document number: the person comes in, but the card opens nothing until a document is recorded.' },
  DOC_NUMBER_FORMAT: { zh: '号码不符合这种证件的格式。请对照证件核对。', en: 'The number does not fit this kind of document. Compare it with the document.' },
  DOC_NOT_SUFFICIENT: { zh: '驾驶证不能单独证明身份。请用身份证或护照。', en: 'A driving licence alone does not prove identity. Use an ID card or a passport.' },
  DOC_OTHER: { zh: '其他证件无法自动核对，请人工核对。', en: 'Other documents cannot be checked here. Look at it yourself.' },
  ID_LENGTH: { zh: '身份证号码要 18 位。旧的 15 位号码已停用。', en: 'An identity number has 18 characters. The old form with 15 is no longer valid.' },
  ID_CHARS: { zh: '身份证号码只能是数字，最后一位可以是 X。', en: 'An identity number has digits only; the last may be X.' },
  ID_DIVISION_UNKNOWN: { zh: '前 6 位不是已知的行政区划。请核对。', en: 'The first six digits are no known division. Check them.' },
  ID_DATE_INVALID: { zh: '号码里的出生日期不存在。请核对。', en: 'The birth date in the number does not exist. Check it.' },
  ID_DATE_FUTURE: { zh: '号码里的出生日期在将来。请核对。', en: 'The birth date in the number lies in the future. Check it.' },
  ID_AGE_OVER_130: { zh: '按号码年龄超过 130 岁。请核对。', en: 'By this number the person would be over 130. Check it.' },
  ID_CHECKSUM: { zh: '校验位不对，有一位写错了。请对照证件核对。', en: 'The check digit does not fit: a digit is wrong. Compare it with the document.' },
  PHONE_FORMAT: { zh: '手机号要 11 位，固定电话要带区号。', en: 'A mobile number has 11 digits; a landline needs its area code.' },
  PERSON_UNIDENTIFIED: { zh: '证件号码和手机号至少填一个。', en: 'Give a document number or a phone number, at least one.' },
  ROOM_FORMAT: { zh: '房号认不出楼层和房间。请写成 0503 这样。', en: 'Floor and room cannot be told from this. Write it like 0503.' },
  UNIT_CODE_NEEDED: {
    zh: '全区文件的房号要写房屋编码，如 890101001001B00042-0503。',
    en: 'In a file of a district the room is the code of the home, such as 890101001001B00042-0503.',
  },
  BUILDING_UNKNOWN: { zh: '登记里没有这栋楼。请先登记，或加上 --make-buildings。', en: 'This building is not in the register. Add it first, or say --make-buildings.' },
  UNIT_OTHER_BUILDING: { zh: '这个房屋编码是别的楼的。', en: 'This home belongs to another building.' },
  UNIT_NEW: { zh: '本楼还没有这一户，导入时会新建。', en: 'This home is not in the building yet. The import adds it.' },
  DATE_MISSING: { zh: '请填起租日期。', en: 'Give the start date.' },
  DATE_FORMAT: { zh: '日期认不出。请写成 2026-03-01。', en: 'This is no date we know. Write it like 2026-03-01.' },
  DATE_INVALID: { zh: '日历上没有这一天。', en: 'There is no such day.' },
  DATE_RANGE: { zh: '日期离现在太远。请核对年份。', en: 'This date is too far from now. Check the year.' },
  DATE_ORDER: { zh: '退租日期早于起租日期。', en: 'The end date is before the start date.' },
  TERM_DIFFERS: { zh: '同一户、同一天起租的人，退租日期不一样。', en: 'People in the same home with the same start date have different end dates.' },
  TERM_KEPT: { zh: '登记里的退租日期不同，保持不变。续租请用"续租"。', en: 'The register has another end date and keeps it. To extend, use "extend".' },
  TENANCY_ENDED: { zh: '这段租住在登记里已结束，这一行不改动任何内容。', en: 'This tenancy has ended in the register; this row changes nothing.' },
  PERSON_TWICE: { zh: '这个人在这一户写了两次。几张卡请写在同一格，用分号隔开。', en: 'This person is twice in this home. Put several cards in one cell, with semicolons.' },
  PERSON_NAME_CLASH: { zh: '同一个证件号码写了两个姓名。', en: 'One document number stands with two names.' },
  PERSON_NAME_DIFFERS: { zh: '登记里这个证件号码是另一个姓名。请核对。', en: 'In the register this document number has another name. Check it.' },
  CARD_FORMAT: { zh: '卡号认不出。请写 8 位十六进制或 10 位十进制。', en: 'This is no card number we know. Write 8 hex digits or 10 decimal digits.' },
  CARD_TAP: { zh: '这种短号认不准一张卡。请到读卡器上刷卡录入。', en: 'This short number cannot identify a card. Tap the card on a reader.' },
  CARD_WIDTH: { zh: '本楼读卡器读不出这么长的卡号。请到读卡器上刷卡录入。', en: 'Readers in this building do not give a number this long. Tap the card on a reader.' },
  CARD_RANDOM: {
    zh: '这种卡每次号码都变（如手机、公交卡），不能用。请换一张卡。',
    en: 'This kind of card changes its number each time (phones, transit cards). Use another card.',
  },
  CARD_WEAK: { zh: '空白或坏卡的号码，不能用。请换一张卡。', en: 'This is the number of a blank or broken card. Use another card.' },
  CARD_MANY: { zh: '一个人最多 8 张卡。', en: 'One person has at most 8 cards.' },
  CARD_TWICE: { zh: '两个人写了同一张卡。', en: 'Two people have the same card.' },
  CARD_HELD: { zh: '这张卡已经是别人的。请先收回，再发给这个人。', en: 'Somebody else holds this card. Take it back first, then give it to this person.' },
  CARD_OTHER_BUILDING: { zh: '这张卡属于别的楼。', en: 'This card belongs to another building.' },
  CARD_STOPPED: { zh: '这张卡已挂失或停用，导入不会恢复它。', en: 'This card was reported lost or stopped; the import does not bring it back.' },
} as const satisfies Record<string, Words>;

export type RosterCode = keyof typeof WORDS;

/** The sentence for a finding. */
export const rosterWords = (code: RosterCode): Words => WORDS[code];

/** A code made by a validator of `core/`, if it has a sentence here. */
export const isRosterCode = (code: string): code is RosterCode => Object.hasOwn(WORDS, code);
