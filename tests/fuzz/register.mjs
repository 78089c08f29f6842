/** Lets this process load `.ts` files. */
import { register } from 'node:module';

register('./typescript.mjs', import.meta.url);
