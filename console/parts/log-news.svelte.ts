let news = $state(0);

/** How often the gateway has said that there is a new checkpoint of the log. */
export const checkpointNews = (): number => news;

/** The gateway says that there is one. */
export function checkpointCame(): void {
  news += 1;
}
