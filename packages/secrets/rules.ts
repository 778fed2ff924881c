/** `pattern`: the whole match is the secret, or its first group. */
export type AddedRule = { name: string; pattern: RegExp };

/**
 * Looked for in whatever a repository holds, so none may look far ahead from each of many places: that is quadratic.
 * These are secrets that secretlint's recommended rules miss or see only in part, checked on version 13.0.7.
 */
export const ADDED_RULES: readonly AddedRule[] = [
  {
    // https://github.blog/changelog/2026-05-15-github-app-installation-tokens-per-request-override-header: a JWT behind
    // ghs_.
    name: "GitHub token",
    pattern: /\b(?:gh[opusr]_[A-Za-z0-9._-]{36,}|github_pat_[A-Za-z0-9_]{40,})/g,
  },
  { name: "GitHub token", pattern: /\/\/([A-Za-z0-9_-]{20,}):x-oauth-basic@/g },
  { name: "Anthropic key", pattern: /\bsk-ant-[A-Za-z0-9_-]{32,}/g },
  { name: "Slack token", pattern: /\b(?:xox[abeoprs]-[A-Za-z0-9-]{20,}|xapp-\d-[A-Za-z0-9-]{20,})/g },
  {
    // Secretlint's rule takes neither a name nor a password with an escape in it: an e-mail address is such a name.
    name: "password in an address",
    pattern:
      /\bhttps?:\/\/(?=[^\s/@]{0,400}%[0-9a-f]{2})(?:[\w.~!$&'*+;=-]|%[0-9a-f]{2}){1,100}:((?:[\w.~!$&*+,;=-]|%[0-9a-f]{2}){6,300})@/gi,
  },
  {
    name: "AWS secret key",
    pattern:
      /secret_?access_?key["']?\s{0,9}(?::|=>|=)\s{0,9}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])(?<!EXAMPLEKEY)/gi,
  },
  { name: "AWS key id", pattern: /\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z2-7]{16}\b/g },
  { name: "JSON Web Token", pattern: /\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{16,}/g },
  // As in .npmrc, and wherever its lines are copied to.
  {
    name: "npm token",
    pattern: /\b_(?:authToken|auth|password)\s{0,3}=\s{0,3}["']?((?=[^\s"']{0,200}\d)[\w.+/=-]{20,})/g,
  },
];
