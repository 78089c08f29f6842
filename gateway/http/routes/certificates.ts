import { Type } from 'typebox';
import { dateAt } from '../../core/local-date.ts';
import { maskDocument } from '../../core/mask.ts';
import { certify } from '../../register/register-residence.ts';
import { type RegistrationRow, registrationsOf } from '../../store/registrations.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { certificatesIn, certifiedUntil, statementOf } from '../certificates.ts';
import { who } from '../guard.ts';
import { may, open } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { noteOf } from '../register-note.ts';
import { ruleTold } from '../rule-told.ts';
import { CertificateView } from '../schemas/registrations.ts';
import type { Site } from '../site.ts';
import { VERIFY_CSS, verifyPage } from '../verify-page.ts';
import { ownPerson } from './own-requests.ts';

const Proof = Type.Object({ s: Type.Optional(Type.String({ maxLength: 2000 })) });
const HTML = 'text/html; charset=utf-8';

/** Registration certificates: printed by the counter, shown by whom they are about. */
export function certificateRoutes(app: App, site: Site): void {
  const { register, clock, config } = site.deps;
  const rows = registrationsOf(register);
  const certificates = certificatesIn(config.data);
  async function view(row: RegistrationRow): Promise<CertificateView> {
    const community = await rows.communityName(row.community);
    const { name, documentType, document, building, room, fromAt, decidedAt: registeredAt, certificate: number } = row;
    const proof = certificates.sign(statementOf(row, community, clock()));
    return { number, name, documentType, documentMasked: maskDocument(document), building, room, community, fromAt, registeredAt, until: certifiedUntil(row, clock()), proof };
  }

  app.post(
    '/occupants/:id/registration/certificate',
    {
      config: may('registration', 'X', 'occupant'),
      schema: {
        summary: 'Print the certificate of a registration',
        description: 'Its QR code says so much that a stranger can check it.',
        params: ById,
        response: { 200: CertificateView, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const { id } = request.params;
      const found = await rows.of(id, clock());
      if (found === undefined) throw refusal('NOT_FOUND');
      const { buildingId, unitId, personId } = found;
      await certify(register, id, { now: clock(), note: noteOf(site, viewer, { what: 'registration-certificate', buildingId, personId }) }).catch(ruleTold);
      await site.looks.noted(viewer, { what: 'viewed' }, [{ personId, unitId, buildingId }]);
      return view((await rows.of(id, clock())) ?? found);
    },
  );

  app.get(
    '/me/registrations/:id/certificate',
    {
      config: may('registration', 'R', 'self', { only: ['TEN'] }),
      schema: { summary: 'Your own registration certificate', params: ById, response: { 200: CertificateView, ...PROBLEMS } },
    },
    async (request) => {
      const row = await rows.of(request.params.id, clock());
      if (row === undefined || row.personId !== ownPerson(who(request)) || row.state !== 'registered' || row.certificate === '') throw refusal('NOT_FOUND');
      return view(row);
    },
  );
}

/** The page that says whether a certificate is valid: for anybody, without signing in. It looks up by the signed number alone, so that there is nothing to search. */
export function verifyRoutes(app: App, { deps: { register, clock, config } }: Site): void {
  const rows = registrationsOf(register);
  const certificates = certificatesIn(config.data);
  const hidden = { config: { ...open('certificate'), rate: 'api' as const }, schema: { hide: true } };

  app.get('/verify', { ...hidden, schema: { hide: true, querystring: Proof } }, async (request, reply) => {
    const statement = certificates.open(request.query.s ?? '');
    const now = clock();
    const row = statement === undefined ? undefined : await rows.byCertificate(statement.number, now);
    const holds = statement !== undefined && row?.state === 'registered' && statement.until >= dateAt(now);
    reply.header('cache-control', 'no-store').type(HTML);
    return reply.send(verifyPage(statement === undefined ? 'forged' : holds ? 'valid' : 'ended', statement));
  });
  app.get('/verify/page.css', hidden, (_request, reply) => reply.type('text/css; charset=utf-8').send(VERIFY_CSS));
  app.get('/verify/key.pem', hidden, (_request, reply) => reply.type('application/x-pem-file').send(certificates.publicKey));
}
