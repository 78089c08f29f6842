import { spawn } from 'node:child_process';
import path from 'node:path';
import { cache, root } from './root.mjs';

const children = new Set();
const SIGNAL_NUMBER = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** While programs run, whoever stops us stops them too: a half-done install must not go on behind our back. */
function stop(signal) {
  for (const child of children) child.kill(signal);
  process.exit(128 + SIGNAL_NUMBER[signal]);
}

function watchSignals() {
  for (const signal of Object.keys(SIGNAL_NUMBER)) {
    if (children.size === 0) process.off(signal, stop);
    else if (!process.listeners(signal).includes(stop)) process.on(signal, stop);
  }
}

/**
 * Runs a program and gathers what it says; never throws.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, show?: boolean }} [options] show: also print it as it comes
 * @returns {Promise<{ ok: boolean, code: number, stdout: string, output: string, seconds: number }>}
 */
export function run(command, args, { env = {}, show = false } = {}) {
  const started = performance.now();
  return new Promise((resolve) => {
    let stdout = '';
    let output = '';
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const end = (code) => {
      children.delete(child);
      watchSignals();
      resolve({ ok: code === 0, code, stdout, output, seconds: (performance.now() - started) / 1000 });
    };
    children.add(child);
    watchSignals();
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      output += text;
      if (show) process.stdout.write(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (show) process.stderr.write(text);
    });
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
      end(127);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}

/**
 * Runs a JavaScript file with this Node, keeping V8's compiled code between runs where Node can (22 and later).
 * @param {string} file path from the root
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, show?: boolean }} [options]
 */
export function node(file, args, options = {}) {
  const env = { NODE_COMPILE_CACHE: path.join(cache, 'v8'), ...options.env };
  return run(process.execPath, [path.join(root, file), ...args], { ...options, env });
}

/** Runs npm: the one that started us when there is one, else the one on the path. */
export function npm(args) {
  const self = process.env.npm_execpath;
  return self?.endsWith('npm-cli.js') ? run(process.execPath, [self, ...args]) : run('npm', args);
}
