/** The first line that is not blank, without the space around it. */
export const firstLine = (text: string) => text.trim().split("\n", 1)[0]!.trim();

/** The last line that is not blank, without the space around it. */
export const lastLine = (text: string) => text.trim().split("\n").at(-1)!.trim();

/** All of it on one line, with single spaces. */
export const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();

/** As a line of its own begins. */
export const capitalised = (words: string) => words.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
