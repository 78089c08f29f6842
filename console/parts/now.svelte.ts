const clock = $state({ ms: Date.now() });
setInterval(() => {
  clock.ms = Date.now();
}, 15_000);

/** This machine's time, epoch ms, renewed every 15 s: words such as "offline 8 min" follow it. */
export const now = (): number => clock.ms;
