import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { refusal } from './problem.ts';

const ADDRESS = /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/;
const isLoopback = (host: string): boolean => host === 'localhost' || ADDRESS.test(host.replace(/^\[|\]$/g, ''));

/**
 * The demo's doors to everything (one-click entry, card tray) are there only for the person at this computer:
 * demo data, listening on loopback, asked from loopback, under a loopback name (so no foreign name points here).
 */
export const demoHere = (config: Config, request: FastifyRequest): boolean => config.demo && isLoopback(config.host) && isLoopback(request.ip) && isLoopback(request.hostname);

export function needDemo(config: Config, request: FastifyRequest): void {
  if (!demoHere(config, request)) throw refusal('DEMO_ONLY');
}
