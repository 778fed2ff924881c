/** Modes of a git tree's entries. */
export const GITLINK = "160000";
export const SYMLINK = "120000";
export const PROGRAM = "100755";
export const PLAIN_FILE = "100644";
export const isPlainFile = (mode: string) => mode === PLAIN_FILE || mode === PROGRAM;
/** In a difference: there is nothing on that side. */
export const NO_MODE = "000000";
