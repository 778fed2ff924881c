import { expect, test } from "vitest";
import { plainPath } from "../../../packages/sandbox/registries/paths.ts";

const PARTS = [
  ...["/", "//", "\\", "a", "private", ".", "..", "...", ";", "@a", "%40a", "~", "+", "?", "#", " ", "é", "\0", "%"],
  ...["%2f", "%2F", "%5c", "%2e", "%2E", "%2e%2e", "%252e", "%252f", "%3b", "%3f", "%23", "%00", "%c0%ae", "%u002e"],
  ...["%25", "2e", "%61", "..;", ";a=b", "%e2%80%a5", "%0a", "%0d%0a", "%09", "%20", "％2e", "．．", "%7f"],
];

/** xorshift: the same paths in every run. */
function* numbers(seed: number) {
  for (let state = seed; ; ) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}

/** Each way in which a server, or what stands before it, makes another path of one: all must leave it where it is. */
const READINGS: Record<string, (path: string) => string> = {
  "as browsers and proxies do": (path) => decodeURIComponent(new URL(`https://h${path}`).pathname),
  "decoded first": (path) => new URL(`https://h${decodeURIComponent(path)}`).pathname,
  "decoded twice": (path) => new URL(`https://h${decodeURIComponent(decodeURIComponent(path))}`).pathname,
  "without what stands behind ;": (path) =>
    new URL(`https://h${decodeURIComponent(path).replace(/;[^/]*/g, "")}`).pathname,
  "with steps in one": (path) => decodeURIComponent(path).replace(/\/+/g, "/"),
  "with slashes the other way": (path) => decodeURIComponent(path).replaceAll("\\", "/"),
  "up to what ends it elsewhere": (path) => decodeURIComponent(path).replace(/[\0?#\r\n\t ].*/s, ""),
};

test("every server reads a path that is passed on as we did, whatever it is made of", () => {
  const random = numbers(20_261_128);
  const next = (below: number) => random.next().value! % below;
  let passed = 0;
  for (let i = 0; i < 20_000; i++) {
    const asked = `/${Array.from({ length: 1 + next(6) }, () => PARTS[next(PARTS.length)]).join(next(2) ? "/" : "")}`;
    const path = plainPath(asked);
    if (path === undefined) continue;
    passed++;
    for (const [way, read] of Object.entries(READINGS)) expect([asked, way, read(asked)]).toEqual([asked, way, path]);
  }
  expect(passed).toBeGreaterThan(100);
});
