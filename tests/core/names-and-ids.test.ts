import { describe, expect, test } from 'vitest';
import { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import { isReason } from '../../gateway/core/reasons.ts';
import { PLACES_OF, ROLES, STRONG_ROLES } from '../../gateway/core/roles.ts';
import { EVERYWHERE, NOWHERE } from '../../gateway/core/scope.ts';
import { foldName, isHan, nameParts } from '../../gateway/core/search-text.ts';
import { halfWidth } from '../../gateway/core/text.ts';

describe('row numbers', () => {
  const kinds = { building: BuildingId, unit: UnitId, door: DoorId, controller: ControllerId, person: PersonId, tenancy: TenancyId, credential: CredentialId };

  test.each(Object.entries(kinds))('of a %s are whole and fit 32 bits; any other is refused by name', (kind, make) => {
    expect([make(0), make(1), make(4_294_967_295)]).toEqual([0, 1, 4_294_967_295]);
    for (const wrong of [-1, 1.5, 4_294_967_296, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => make(wrong)).toThrow(new RegExp(`^${kind} id: `));
  });
});

describe('roles', () => {
  test('those that see many people sign in with a second factor', () => {
    expect(ROLES.filter((role) => STRONG_ROLES.has(role))).toEqual(['OF', 'DA', 'SA', 'AU', 'PO']);
  });

  test('each is assigned to places of its kind, a tenant to none', () => {
    expect(PLACES_OF).toEqual({
      TEN: [],
      LL: ['building', 'unit'],
      BL: ['building'],
      GW: ['grid'],
      CL: ['org'],
      OF: ['org', 'grid'],
      DA: ['org'],
      SA: ['site'],
      AU: ['site'],
      PO: ['site'],
    });
  });

  test('nowhere is no building and no unit, for ever; everywhere is all of them', () => {
    expect(NOWHERE).toEqual({ all: false, buildings: new Set(), units: new Map(), until: Number.POSITIVE_INFINITY });
    expect(EVERYWHERE).toEqual({ ...NOWHERE, all: true });
  });
});

describe('words from outside', () => {
  test('a reason is one of ours or none', () => {
    expect([isReason('OK'), isReason('DEVICE_FAULT'), isReason('ok'), isReason('')]).toEqual([true, true, false, false]);
  });

  test('text as people type it becomes plain: full width, outer space and invisible marks go, inner space stays one', () => {
    expect([' A 1 ', '\u3000Ａ１！\u3000', '李\u3000雷', 'A\u00A0B', 'A\u200B\uFEFFB', '～＠', ''].map(halfWidth)).toEqual(['A 1', 'A1!', '李 雷', 'A B', 'AB', '~@', '']);
  });
});

describe('names as they are searched for', () => {
  test.each([
    ['李 雷', '李雷'],
    ['Lǚ Wěi', 'luwei'],
    ['LYU WEI', 'luwei'],
    ['lv wei', 'luwei'],
    ['Nyu', 'nu'],
    ['Hyo Yu', 'hyoyu'],
    ['O’Brien-Müller 3', 'obrienmuller3'],
    ['ﬁne Ａ', 'finea'],
    ['阿卜杜拉·买买提', '阿卜杜拉买买提'],
  ])('%s is compared as %s', (name, folded) => {
    expect(foldName(name)).toBe(folded);
  });

  test('the parts of a name are as its writer parted them', () => {
    expect(nameParts(' 阿卜杜拉·买买提 ')).toEqual(['阿卜杜拉', '买买提']);
    expect(nameParts('Anna--Maria O’Brien, 2nd')).toEqual(['Anna', 'Maria', 'O’Brien', '2nd']);
    expect(nameParts("ｘ\u0323y D'Arc")).toEqual(['x\u0323y', "D'Arc"]);
    expect(nameParts('')).toEqual([]);
  });

  test('Chinese characters alone are Chinese', () => {
    expect(['李', '欧阳小明', '李a', 'a李', ''].map(isHan)).toEqual([true, true, false, false, false]);
  });
});
