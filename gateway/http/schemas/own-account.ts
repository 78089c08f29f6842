import { type Static, Type } from 'typebox';
import { Role, SessionView } from './session.ts';

/** One's own account: second factors, sessions, password, and taking up an invitation. Times are epoch ms. */
const Base64Url = Type.String({ minLength: 1, maxLength: 16_384, pattern: '^[A-Za-z0-9_-]+$' });
const Label = Type.String({ minLength: 1, maxLength: 40 });
const Password = Type.String({ minLength: 1, maxLength: 256 });
/** What browsers add to a passkey's answer; nothing of it is used. */
const ClientExtras = {
  clientExtensionResults: Type.Object({}, { additionalProperties: true }),
  type: Type.Literal('public-key'),
};

/** What `navigator.credentials.create` answered, as @simplewebauthn/browser writes it. */
export const PasskeyMade = Type.Object({
  id: Base64Url,
  rawId: Base64Url,
  response: Type.Object({ clientDataJSON: Base64Url, attestationObject: Base64Url, transports: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 10 })) }),
  ...ClientExtras,
});
export type PasskeyMade = Static<typeof PasskeyMade>;

/** What `navigator.credentials.get` answered. */
export const PasskeyUsed = Type.Object({
  id: Base64Url,
  rawId: Base64Url,
  response: Type.Object({ clientDataJSON: Base64Url, authenticatorData: Base64Url, signature: Base64Url, userHandle: Type.Optional(Base64Url) }),
  ...ClientExtras,
});
export type PasskeyUsed = Static<typeof PasskeyUsed>;

/** Options for the browser's own dialog (PublicKeyCredential…OptionsJSON of WebAuthn 3): given on as they are. */
export const PasskeyOptions = Type.Object({}, { additionalProperties: true });

/** GET /session/factor: what this account can show. All false: it has none yet. */
export const FactorAsk = Type.Object({ totp: Type.Boolean(), passkey: Type.Boolean(), recovery: Type.Boolean() });
export type FactorAsk = Static<typeof FactorAsk>;

/** POST /session/factor: exactly one of them. */
export const FactorGiven = Type.Object({
  code: Type.Optional(Type.String({ minLength: 1, maxLength: 16 })),
  recoveryCode: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
  passkey: Type.Optional(PasskeyUsed),
});
export type FactorGiven = Static<typeof FactorGiven>;
export const PasskeySignIn = Type.Object({ passkey: PasskeyUsed });

export const FactorKind = Type.Union([Type.Literal('totp'), Type.Literal('passkey')]);
export type FactorKind = Static<typeof FactorKind>;
export const FactorItem = Type.Object({
  id: Type.Integer(),
  kind: FactorKind,
  label: Type.String(),
  createdAt: Type.Integer(),
  lastUsedAt: Type.Union([Type.Integer(), Type.Null()]),
});
export type FactorItem = Static<typeof FactorItem>;

/** GET /session/factors. `required`: the role signs in with one always. `passkeyHere`: the address allows passkeys (a name, over TLS or localhost). */
export const FactorList = Type.Object({
  factors: Type.Array(FactorItem),
  recoveryLeft: Type.Integer(),
  required: Type.Boolean(),
  passkeyHere: Type.Boolean(),
});
export type FactorList = Static<typeof FactorList>;

/** The first factor of an account without one is added with the password again; later ones with a factor given lately. */
export const FactorBegin = Type.Object({ password: Type.Optional(Password) });
export const TotpBegin = Type.Object({ label: Label, password: Type.Optional(Password) });
/** The secret is shown this once. `uri` is what the QR holds. */
export const TotpBegun = Type.Object({ id: Type.Integer(), secret: Type.String(), uri: Type.String() });
export type TotpBegun = Static<typeof TotpBegun>;
export const TotpConfirm = Type.Object({ code: Type.String({ minLength: 1, maxLength: 16 }) });
export const PasskeyAdd = Type.Object({ label: Label, passkey: PasskeyMade });
export const FactorRename = Type.Object({ label: Label });
/** `recoveryCodes`: ten with the first factor, shown this once; empty with later ones. */
export const FactorAdded = Type.Object({ session: SessionView, recoveryCodes: Type.Array(Type.String()) });
export type FactorAdded = Static<typeof FactorAdded>;
export const RecoveryCodes = Type.Object({ recoveryCodes: Type.Array(Type.String()) });
export type RecoveryCodes = Static<typeof RecoveryCodes>;

export const PasswordChange = Type.Object({ current: Password, password: Password });

/** GET /sessions. `browser`: short, as people call it, '' when it says nothing of itself. */
export const OwnSession = Type.Object({
  id: Type.String(),
  browser: Type.String(),
  address: Type.String(),
  createdAt: Type.Integer(),
  lastSeenAt: Type.Integer(),
  current: Type.Boolean(),
});
export type OwnSession = Static<typeof OwnSession>;
export const OwnSessions = Type.Array(OwnSession);
export const SessionId = Type.Object({ session: Type.String({ minLength: 16, maxLength: 16, pattern: '^[A-Za-z0-9_-]+$' }) });
export const Done = Type.Object({ ended: Type.Integer() });

export const InvitationToken = Type.Object({ token: Type.String({ minLength: 43, maxLength: 43, pattern: '^[A-Za-z0-9_-]+$' }) });
/** GET /invitations/:token. `login` is '' when the invited one may choose it. */
export const InvitationView = Type.Object({
  kind: Type.Union([Type.Literal('join'), Type.Literal('reset')]),
  role: Role,
  site: Type.String(),
  displayName: Type.String(),
  login: Type.String(),
  /** Fewest characters of the new password. */
  passwordLength: Type.Integer(),
  needsFactor: Type.Boolean(),
  expiresAt: Type.Integer(),
});
export type InvitationView = Static<typeof InvitationView>;
export const InvitationTake = Type.Object({ login: Type.Optional(Type.String({ minLength: 3, maxLength: 64 })), password: Password });
export type InvitationTake = Static<typeof InvitationTake>;
