import '../parts/tokens.css';
import '../parts/base.css';
import { mount } from 'svelte';
import { door } from '../parts/api.ts';
import { startLang } from '../parts/i18n.svelte.ts';
import { page, startRouter } from '../parts/router.svelte.ts';
import { forget, session, stillIn } from '../parts/session.svelte.ts';
import { askFactor } from '../parts/step-up.svelte.ts';
import App from './App.svelte';
import { toSignIn } from './leave.ts';

startRouter();
door.signedOut = () => {
  forget();
  if (page().path !== '/login') toSignIn();
};

door.stillIn = stillIn;
// Before the session is whole the page itself asks for the factor.
door.askFactor = async () => ((await stillIn()) && session()?.account?.step === 'full' ? askFactor() : false);

const AGAIN_MS = 3000;
const target = document.getElementById('app');
if (target !== null) {
  // Without its words a page says nothing: whoever opens it while the gateway restarts gets it a moment later.
  startLang().then(
    () => mount(App, { target }),
    () => setTimeout(() => location.reload(), AGAIN_MS),
  );
}
