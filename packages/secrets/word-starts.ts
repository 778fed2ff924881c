/** How secrets look that begin by themselves: `ghp_`, `sk-`, `xoxb-`; those without a dash are listed. */
export const SECRET_START = "(?:[A-Za-z]{2,12}[_-]|AKIA|ASIA|eyJ|AIza|SG\\.)";

/** A colour behind one of these spellings of the escape. */
const colourBehind = (escapes: string) => `(?:${escapes})\\[[0-?]*[ -/]*[@-~]`;
/** As it is, and as `visible` writes it. */
const SHOWN_ESCAPE = "\\x1b|\\\\u\\{1b\\}";
export const SHOWN_COLOUR = colourBehind(SHOWN_ESCAPE);
/** So, and as strings of programs and of JSON write it. */
const COLOUR = colourBehind(`${SHOWN_ESCAPE}|\\\\u001b|\\\\x1b|\\\\033|\\\\e`);
/** A newline in a string, a quote in JSON, an equals sign in an address. */
const ESCAPED = "\\\\[nrtbfv]|\\\\u[0-9a-f]{4}|\\\\x[0-9a-f]{2}|\\\\[0-7]{3}|%[0-9a-f]{2}";
/** A shorter word is none that rules look for. */
const BEFORE = new RegExp(`(?:${COLOUR}|${ESCAPED})(?=${SECRET_START}[\\w.-]{12})`, "gi");

/**
 * The text with blanks in place of what is no part of the word behind it and ends in a letter or a digit all the same:
 * rules look for secrets where a word begins. Places stay as they are.
 */
export const wordsApart = (text: string) => text.replace(BEFORE, (before) => " ".repeat(before.length));
