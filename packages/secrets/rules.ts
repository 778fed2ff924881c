const BEGIN = "-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----";
const END = "-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----";
/** Between the lines of a key: a line end as it is or escaped, and what joins strings in source code. */
const GAP = `(?:\\\\[nr]|[\\s"',])*`;

/** Secrets that secretlint's recommended rules miss or see only in part, checked on version 13.0.7. */
export const ADDED_RULES: readonly { name: string; pattern: RegExp }[] = [
  {
    // Also in a string with escaped line ends, and cut off before its END. The words alone, as in a scanner's source, are no key.
    name: "private key",
    pattern: new RegExp(
      `${BEGIN}(?:\\s*[A-Z][A-Za-z-]+: [^\\n]*)*(?:${GAP}[A-Za-z0-9+/=]{16,})+(?:(?:${GAP}[A-Za-z0-9+/=]{1,15})?${GAP}${END})?`,
      "g",
    ),
  },
  {
    // https://github.blog/changelog/2026-05-15-github-app-installation-tokens-per-request-override-header: a JWT behind ghs_.
    name: "GitHub token",
    pattern: /\b(?:gh[opusr]_[A-Za-z0-9._-]{36,}|github_pat_[A-Za-z0-9_]{40,})/g,
  },
  { name: "Anthropic key", pattern: /\bsk-ant-[A-Za-z0-9_-]{32,}/g },
  { name: "Slack token", pattern: /\b(?:xox[abeoprs]-[A-Za-z0-9-]{20,}|xapp-\d-[A-Za-z0-9-]{20,})/g },
  {
    name: "AWS secret key",
    pattern:
      /(?<=secret_?access_?key["']?\s{0,9}(?::|=>|=)\s{0,9}["']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])(?<!EXAMPLEKEY)/gi,
  },
  { name: "AWS key id", pattern: /\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z2-7]{16}\b/g },
  { name: "JSON Web Token", pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{16,}/g },
];
