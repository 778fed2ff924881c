import { join } from "node:path";

/** File systems allow 255 bytes a name. */
const MAX_NAME_CHARS = 200;
const OBJECT = "@";
const CONTINUED = "~";

/**
 * Readable in a file manager and one to one also where names compare without case: small letters, digits, `_`, `-` and
 * inner dots stand for themselves, every other byte is `%xx`, an empty name is `%`. So no key can leave the folder.
 */
function encodeName(name: string): string {
  const encoded = [...Buffer.from(name)]
    .map((byte, i) => {
      const char = String.fromCharCode(byte);
      const stands = /[a-z0-9_-]/.test(char) || (char === "." && i > 0);
      return stands ? char : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
  return encoded || "%";
}

/** Long names go on in folders whose names end in `~`. */
const namesOf = (name: string) => {
  const parts = encodeName(name).match(new RegExp(`.{1,${MAX_NAME_CHARS}}`, "g")) ?? [];
  return parts.map((part, i) => (i < parts.length - 1 ? part + CONTINUED : part));
};

export const objectPath = (key: string) => `${join(...key.split("/").flatMap(namesOf))}${OBJECT}`;

/** The folder that holds every object under a prefix, and others too. */
export const folderOf = (prefix: string) => join(".", ...prefix.split("/").slice(0, -1).flatMap(namesOf));

/** The key of a path, undefined when it is not an object's. */
export function keyOfPath(path: string): string | undefined {
  if (!path.endsWith(OBJECT)) return undefined;
  const bytes = path
    .slice(0, -OBJECT.length)
    .replaceAll("\\", "/")
    .replaceAll(`${CONTINUED}/`, "")
    .replace(/%(?=\/|$)/g, "");
  return decodeURIComponent(bytes);
}
