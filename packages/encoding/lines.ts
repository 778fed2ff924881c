/** A file of before 2001 from a Mac: its lines end in a carriage return alone. */
export const hasLoneReturns = (text: string) => text.includes("\r") && !text.includes("\n");
