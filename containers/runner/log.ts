/** One JSON line an event on stdout, which is the task's log stream. Never a token, never the repository's content. */
export const createLog =
  (who: Record<string, unknown>, redact: (text: string) => string) =>
  (event: string, facts: Record<string, unknown> = {}): void => {
    process.stdout.write(`${redact(JSON.stringify({ at: new Date().toISOString(), event, ...who, ...facts }))}\n`);
  };
