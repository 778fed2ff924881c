const MAX_BYTES = 512;

/**
 * The path of a request, decoded once; undefined where it is not in the one form that all servers read alike: no query,
 * no doubled or dotted step, nothing that hides behind a second decoding. No `;` either: Java's servers leave it out of
 * a step with all that follows, so that `..;` climbs.
 */
export function plainPath(asked: string): string | undefined {
  if (asked.length > MAX_BYTES || !/^\/(?:[\w.~+!@,=:()*'$&/-]|%[\da-f]{2})*$/i.test(asked)) return undefined;
  // npm writes the slash after a scope so, and no client hides another one, or a dot.
  if (/(?<!\/(?:@|%40)[\w.~-]+)%2f|%2e/i.test(asked)) return undefined;
  const path = decoded(asked);
  if (path === undefined || !/^\/[\w.~+!@,=:()*'$&/-]*$/.test(path)) return undefined;
  return /\/\/|\/\.{1,2}(?:\/|$)/.test(path) ? undefined : path;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
