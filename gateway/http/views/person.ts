import { maskDocument, maskName, maskPhone } from '../../core/mask.ts';
import type { PersonRow } from '../../store/homes.ts';
import type { PersonHome, PersonWork } from '../../store/persons.ts';
import type { FoundPerson, MaskedPerson, RevealField } from '../schemas/review.ts';

/** A person as everybody but his landlord sees him by default. */
export const maskedPerson = ({ id, name }: PersonRow): MaskedPerson => ({ id, name: maskName(name) });

/** A person who was searched for, masked, with those of his homes the viewer may see. */
export const foundPerson = (person: PersonRow, homes: readonly PersonHome[], works: readonly PersonWork[]): FoundPerson => ({
  ...maskedPerson(person),
  documentType: person.documentType,
  documentMasked: maskDocument(person.document),
  phoneMasked: maskPhone(person.phone),
  homes: homes.map(({ unitId, room, buildingId, building, buildingEn, current }) => ({ unitId, room, buildingId, building, buildingEn, current })),
  works: works.map(({ buildingId, building, buildingEn, purpose, current }) => ({ buildingId, building, buildingEn, purpose, current })),
});

/** The very values, for a reveal that has been noted: only what was asked for. */
export const revealedFields = ({ name, document, documentType, phone }: PersonRow, fields: readonly RevealField[]) => ({
  ...(fields.includes('name') ? { name } : {}),
  ...(fields.includes('document') ? { document, documentType } : {}),
  ...(fields.includes('phone') ? { phone } : {}),
});
