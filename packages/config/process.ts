/** What Node, git and tools read themselves to get out of a company's network. */
export const PROXY_VARIABLES = [
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NO_PROXY",
  "NODE_USE_ENV_PROXY",
  "NODE_EXTRA_CA_CERTS",
] as const;

/** What a process of ours needs of its surroundings besides its zone's variables. */
export const PROCESS_VARIABLES = ["HOME", "LANG", "PATH", "TMPDIR", ...PROXY_VARIABLES] as const;
