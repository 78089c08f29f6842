import type { SecondFactor } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';
import type { Vault } from './vault.ts';

const KINDS = ['totp', 'passkey'] as const;

/** A second factor as its owner lists it. */
export interface FactorRow {
  readonly id: number;
  readonly accountId: number;
  readonly kind: (typeof KINDS)[number];
  readonly label: string;
  readonly createdAt: number;
  /** Null: begun, and not proven yet. */
  readonly confirmedAt: number | null;
  readonly lastUsedAt: number | null;
}

/** A passkey with what is needed to check its answer. */
export interface PasskeyRow extends FactorRow {
  readonly credentialId: Uint8Array<ArrayBuffer>;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: number;
  readonly transports: readonly string[];
}

/** An authenticator app's secret, 20 bytes. */
export interface TotpRow extends FactorRow {
  readonly secret: Uint8Array;
  /** The last time step whose code was taken. */
  readonly lastStep: number;
}

export type NewPasskey = Pick<PasskeyRow, 'accountId' | 'label' | 'credentialId' | 'publicKey' | 'counter' | 'transports'>;

/** Second factors and recovery codes of accounts. */
export interface FactorStore {
  /** Proven ones, oldest first. */
  list(accountId: number): Promise<FactorRow[]>;
  count(accountId: number): Promise<number>;
  totps(accountId: number): Promise<TotpRow[]>;
  passkeys(accountId: number): Promise<PasskeyRow[]>;
  passkey(credentialId: Uint8Array): Promise<PasskeyRow | undefined>;
  /** Begins an authenticator app; one that was begun and not proven is forgotten. */
  beginTotp(totp: { accountId: number; label: string; secret: Uint8Array }, now: number): Promise<number>;
  begunTotp(accountId: number, id: number): Promise<TotpRow | undefined>;
  /** Proven with the code of `step`. False: it was proven, or forgotten, meanwhile. */
  confirmTotp(id: number, step: number, now: number): Promise<boolean>;
  addPasskey(passkey: NewPasskey, now: number): Promise<void>;
  /** Takes the code of a time step. False: this one or a later one was taken already. */
  takeStep(id: number, step: number, now: number): Promise<boolean>;
  /** Notes a passkey's use. False: its counter did not go on, so somebody may have a copy of it. */
  usedPasskey(id: number, counters: { readonly before: number; readonly after: number }, now: number): Promise<boolean>;
  rename(accountId: number, id: number, label: string): Promise<boolean>;
  /** Removes a proven one unless it is the last and `keepLast`; with the last one go the recovery codes. */
  remove(which: { accountId: number; id: number; keepLast: boolean }): Promise<'removed' | 'last' | 'unknown'>;
  setCodes(accountId: number, hashes: readonly Uint8Array[]): Promise<void>;
  /** Spends a recovery code. False: unknown or spent. */
  takeCode(accountId: number, hash: Uint8Array, now: number): Promise<boolean>;
  codesLeft(accountId: number): Promise<number>;
}

const bytes = (value: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(value);

function factorRow(vault: Vault, { id, accountId, kind, labelSealed, createdAt, confirmedAt, lastUsedAt }: SecondFactor): FactorRow {
  const label = vault.open('factor.label', labelSealed);
  return { id, accountId, kind: wordOf('SecondFactor.kind', KINDS, kind), label, createdAt: ms(createdAt), confirmedAt: msOrNull(confirmedAt), lastUsedAt: msOrNull(lastUsedAt) };
}

const totpRow = (vault: Vault, row: SecondFactor): TotpRow[] =>
  row.secretSealed === null ? [] : [{ ...factorRow(vault, row), secret: vault.openBytes('factor.secret', row.secretSealed), lastStep: row.lastStep }];

const passkeyRow = (vault: Vault, row: SecondFactor): PasskeyRow[] => {
  const { credentialId, publicKey, counter, transports } = row;
  if (credentialId === null || publicKey === null) return [];
  return [{ ...factorRow(vault, row), credentialId: bytes(credentialId), publicKey: bytes(publicKey), counter, transports: transports.split(',').filter(Boolean) }];
};

const proven = (accountId: number) => ({ accountId, confirmedAt: { not: null } });

type CodePart = Pick<FactorStore, 'setCodes' | 'takeCode' | 'codesLeft'>;

function codesOf({ read, write }: Register): CodePart {
  return {
    async setCodes(accountId, hashes) {
      const data = hashes.map((hash) => ({ accountId, codeHash: bytes(hash) }));
      await write((db) => db.$transaction([db.recoveryCode.deleteMany({ where: { accountId } }), db.recoveryCode.createMany({ data })]));
    },
    async takeCode(accountId, hash, now) {
      const { count } = await write((db) => db.recoveryCode.updateMany({ where: { accountId, codeHash: bytes(hash), usedAt: null }, data: { usedAt: now } }));
      return count === 1;
    },
    codesLeft: (accountId) => read.recoveryCode.count({ where: { accountId, usedAt: null } }),
  };
}

type ChangePart = Pick<FactorStore, 'beginTotp' | 'confirmTotp' | 'addPasskey' | 'takeStep' | 'usedPasskey' | 'rename' | 'remove'>;

function changesOf({ write, vault }: Register): ChangePart {
  return {
    async beginTotp({ accountId, label, secret }, now) {
      const data = { accountId, kind: 'totp', labelSealed: vault.seal('factor.label', label), secretSealed: vault.sealBytes('factor.secret', secret), createdAt: now };
      const [, { id }] = await write((db) =>
        db.$transaction([db.secondFactor.deleteMany({ where: { accountId, kind: 'totp', confirmedAt: null } }), db.secondFactor.create({ data })]),
      );
      return id;
    },
    async confirmTotp(id, step, now) {
      const data = { confirmedAt: now, lastStep: step, lastUsedAt: now };
      return (await write((db) => db.secondFactor.updateMany({ where: { id, confirmedAt: null }, data }))).count === 1;
    },
    async addPasskey({ label, credentialId, publicKey, transports, ...passkey }, now) {
      const made = {
        ...passkey,
        kind: 'passkey',
        labelSealed: vault.seal('factor.label', label),
        transports: transports.join(','),
        createdAt: now,
        confirmedAt: now,
        lastUsedAt: now,
      };
      await write((db) => db.secondFactor.create({ data: { ...made, credentialId: bytes(credentialId), publicKey: bytes(publicKey) } }));
    },
    async takeStep(id, step, now) {
      return (await write((db) => db.secondFactor.updateMany({ where: { id, lastStep: { lt: step } }, data: { lastStep: step, lastUsedAt: now } }))).count === 1;
    },
    async usedPasskey(id, { before, after }, now) {
      return (await write((db) => db.secondFactor.updateMany({ where: { id, counter: before }, data: { counter: after, lastUsedAt: now } }))).count === 1;
    },
    async rename(accountId, id, label) {
      return (await write((db) => db.secondFactor.updateMany({ where: { id, ...proven(accountId) }, data: { labelSealed: vault.seal('factor.label', label) } }))).count === 1;
    },
    remove: ({ accountId, id, keepLast }) =>
      write(async (db) => {
        const factors = await db.secondFactor.findMany({ where: proven(accountId), select: { id: true } });
        if (!factors.some((factor) => factor.id === id)) return 'unknown';
        const last = factors.length === 1;
        if (last && keepLast) return 'last';
        const codes = last ? [db.recoveryCode.deleteMany({ where: { accountId } })] : [];
        await db.$transaction([db.secondFactor.deleteMany({ where: { id } }), ...codes]);
        return 'removed';
      }),
  };
}

/** Second factors of the register. Secrets and labels are sealed; recovery codes are keyed hashes. */
export function factorsOf(register: Register): FactorStore {
  const { read, vault } = register;
  const find = (accountId: number, kind: FactorRow['kind']) => read.secondFactor.findMany({ where: { ...proven(accountId), kind } });
  return {
    ...codesOf(register),
    ...changesOf(register),
    list: async (accountId) => (await read.secondFactor.findMany({ where: proven(accountId), orderBy: { id: 'asc' } })).map((row) => factorRow(vault, row)),
    count: (accountId) => read.secondFactor.count({ where: proven(accountId) }),
    totps: async (accountId) => (await find(accountId, 'totp')).flatMap((row) => totpRow(vault, row)),
    passkeys: async (accountId) => (await find(accountId, 'passkey')).flatMap((row) => passkeyRow(vault, row)),
    async passkey(credentialId) {
      const row = await read.secondFactor.findUnique({ where: { credentialId: bytes(credentialId) } });
      return row === null ? undefined : passkeyRow(vault, row)[0];
    },
    async begunTotp(accountId, id) {
      const row = await read.secondFactor.findFirst({ where: { id, accountId, kind: 'totp', confirmedAt: null } });
      return row === null ? undefined : totpRow(vault, row)[0];
    },
  };
}
