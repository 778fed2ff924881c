/** Stands in every text that people, logs and the model see where a secret was. `rule`: what kind of secret. */
export const placeholder = (rule?: string) => `[redacted${rule === undefined ? "" : ` ${rule}`}]`;

const PLACEHOLDER = /\[redacted(?: [\w.-]+){0,8}\]/g;

/** The placeholders in a text, each once. A file that is written with one has lost the secret it stood for. */
export const placeholdersIn = (text: string): string[] => [...new Set(text.match(PLACEHOLDER))];
