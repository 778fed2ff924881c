/** gitprotocol-common: four hexadecimal digits give the length of a line with them; below four they are a mark. */
const HEAD = 4;
export const FLUSH = "0000";

export const packetLine = (text: string): string =>
  `${(Buffer.byteLength(text) + HEAD).toString(16).padStart(HEAD, "0")}${text}`;

/** The lines of a request; its marks are left out. undefined: it is not made of such lines alone. */
export function packetLines(bytes: Buffer): string[] | undefined {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const digits = bytes.toString("latin1", at, at + HEAD);
    if (!/^[0-9a-f]{4}$/.test(digits)) return undefined;
    const length = Number.parseInt(digits, 16);
    if (length >= HEAD) lines.push(bytes.toString("utf8", at + HEAD, at + length).replace(/\n$/, ""));
    at += Math.max(length, HEAD);
  }
  return lines;
}
