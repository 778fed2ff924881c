// Written so that no part can begin inside another: linear on hostile text, where that of node:util takes seconds.
const TERMINAL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences begin with control characters
  /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]/g;

/**
 * Colours, cursor moves, titles and links (OSC 8, OSC 52) are for terminals, and some are attacks on one.
 * Their text stays; CR LF becomes LF.
 */
export const withoutTerminalCodes = (text: string) => text.replace(TERMINAL, "").replaceAll("\r\n", "\n");
