/** By the name of the sandbox mode, as rows have it: what people read of it in Details. */
const WORDS: Record<string, string> = {
  bubblewrap: "a sandbox (bubblewrap)",
  namespaces: "a sandbox (namespaces)",
  "own-uid": "a sandbox (a system user of their own)",
  "own-uid without sockets": "a sandbox (a system user of their own, no sockets)",
  unsafe: "no sandbox, as this deployment allows",
  off: "nothing: this machine has no sandbox",
};

export const sandboxWords = (mode: string | undefined): string | undefined => mode && (WORDS[mode] ?? mode);

/** On the card, where it is less than people expect. */
const WARNINGS: Record<string, string> = {
  "own-uid without sockets": "Commands could not open sockets here: a check that starts a server fails.",
  unsafe: "*Commands ran without any sandbox*, as this deployment allows.",
  off: "This machine has no sandbox: commands were off, and nothing could be checked by running it.",
};

export const sandboxWarning = (mode: string | undefined): string | undefined =>
  mode === undefined ? undefined : WARNINGS[mode];
