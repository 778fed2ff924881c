import fc from "fast-check";

/** Halves of a pair stand between, and are no characters. */
const [FIRST_HALF, HALVES] = [0xd800, 0x800];

/** Any one there is. fast-check has it as the unit "binary", and lists a million of them first: a second of CPU. */
export const anyCharacter = fc.nat(0x10ffff - HALVES).map((n) => String.fromCodePoint(n < FIRST_HALF ? n : n + HALVES));
