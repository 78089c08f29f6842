import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// The console: one entry, console/admin/index.html, built to dist/console. Nothing inline, so that the
// Content-Security-Policy can say script-src 'self' and style-src 'self' (console.md 5).
export default defineConfig({
  root: 'console/admin',
  base: '/',
  plugins: [svelte({ configFile: '../../svelte.config.js' })],
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    target: ['chrome111', 'safari16.4'],
  },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
});
