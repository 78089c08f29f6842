import { readFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import path from 'node:path';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { Problem } from '../http/schemas/session.ts';

/** Why a command could not be carried out, as the sentence a person is shown. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** The gateway that runs on this computer, asked as its local operator. */
export interface LocalGateway {
  /** Where it listens, whatever this command's own settings say. */
  readonly ports: { readonly port: number; readonly mqttPort: number; readonly mqttsPort: number | undefined };
  /** Asks and checks the answer. Throws CommandFailed, with the gateway's own sentence where it gave one. */
  ask<S extends TSchema>(answer: S, question: Question): Promise<Static<S>>;
}

export interface Question {
  readonly method: 'GET' | 'POST';
  /** Below /api/v1, with its query. */
  readonly path: string;
  readonly body?: { readonly type: 'text/csv' | 'application/json'; readonly bytes: Uint8Array };
}

/** DATA/run.json, written by the gateway while it runs (mode 0600). */
const RunFile = Type.Object({ url: Type.String(), token: Type.String(), pid: Type.Integer(), mqttPort: Type.Integer(), mqttsPort: Type.Optional(Type.Integer()) });
const NOT_RUNNING = 'The gateway is not running. Start it with: npm start';
// Long enough for the largest roster on a small machine.
const PATIENCE_MS = 120_000;

const isAddress = (url: string): boolean => /^https?:/i.test(url) && URL.canParse(url);

function readRunFile(data: string): Static<typeof RunFile> {
  const file = path.join(data, 'run.json');
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new CommandFailed(`${NOT_RUNNING} (nothing runs on ${data}; DOORBOOK_DATA names another data directory).`);
    if (code === 'EACCES') throw new CommandFailed(`${file} belongs to the user who runs the gateway. Run this command as that user.`);
    throw new CommandFailed(`${file} cannot be read. Restart the gateway.`);
  }
  if (!Value.Check(RunFile, found) || !isAddress(found.url)) throw new CommandFailed(`${file} is not complete. Restart the gateway.`);
  return found;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function send(base: URL, token: string, question: Question): Promise<Answer> {
  const url = new URL(`/api/v1${question.path}`, base);
  const { body } = question;
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', ...(body && { 'content-type': body.type, 'content-length': body.bytes.length }) };
  // The address is this computer's own, from a file only we can read; its certificate is made for another name.
  const options = { method: question.method, headers, timeout: PATIENCE_MS, rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, options, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', reject);
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', reject);
    outgoing.end(body?.bytes);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sentenceOf(status: number, body: unknown, language: 'zh' | 'en'): string {
  if (!Value.Check(Problem, body)) return `The gateway answered ${status} and nothing we understand. Is it of the same version?`;
  const about = body.field === undefined ? '' : ` (${body.field}${body.expected === undefined ? '' : `: ${body.expected}`})`;
  return `${body.message[language]}${about}`;
}

/** Finds the gateway that runs on this data directory. Throws CommandFailed when there is none. */
export function findGateway(data: string, language: 'zh' | 'en'): LocalGateway {
  const { url, token, mqttPort, mqttsPort } = readRunFile(data);
  const { port, protocol } = new URL(url);
  async function ask<S extends TSchema>(answer: S, question: Question): Promise<Static<S>> {
    const { status, text } = await send(new URL(url), token, question).catch((error: unknown) => {
      const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
      throw new CommandFailed(refused ? `${NOT_RUNNING} (nothing answers at ${url}).` : `The gateway at ${url} did not answer: ${error instanceof Error ? error.message : error}.`);
    });
    const body = parsed(text);
    if (status === 200 && Value.Check(answer, body)) return body;
    throw new CommandFailed(sentenceOf(status, body, language));
  }
  return { ask, ports: { port: Number(port || (protocol === 'https:' ? 443 : 80)), mqttPort, mqttsPort } };
}
