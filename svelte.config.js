/** Runes everywhere, also in packages we might import by mistake. Types are erased by the compiler itself. */
export default { compilerOptions: { runes: true } };
