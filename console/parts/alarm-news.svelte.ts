let news = $state(0);

/** How often there was something new about alarms of doors: the gateway said so, or one was dealt with here. */
export const alarmNews = (): number => news;

/** There is. */
export function alarmsCame(): void {
  news += 1;
}
