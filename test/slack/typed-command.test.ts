import { expect, it } from "vitest";
import { asTyped, typedCommandProblem } from "../../slack/typed-command.ts";

it.each<[string, string, RegExp]>([
  ["node —test", "node --test", /^This holds a dash, as Slack .* Paste this instead: node --test$/],
  ["npm run build – –all", "npm run build -- --all", /a dash/],
  ["mvn −q verify", "mvn -q verify", /a typographic hyphen/],
  ["git log ‑1", "git log -1", /a typographic hyphen/],
  ["go test ./…", "go test ./...", /an ellipsis/],
  ["echo “a b”", 'echo "a b"', /a curly quote/],
  ["sh -c ‘npm ci’", "sh -c 'npm ci'", /a curly quote/],
  ["npm\u00a0test", "npm test", /a no-break space/],
  ["npm test\u200b", "npm test", /an invisible character/],
  ['echo "a\u{e0041}\u00adb"', 'echo "ab"', /^This holds an invisible character,/],
  ["“npm” —x\u202f1", '"npm" --x 1', /a dash, a curly quote and a no-break space/],
  ['grep "a—b"\u00a0x', 'grep "a—b" x', /^This holds a no-break space,/],
])("%j is refused with what was meant: %j", (command, meant, problem) => {
  expect(typedCommandProblem(command)).toMatch(problem);
  expect(asTyped(command)).toBe(meant);
  expect(typedCommandProblem(meant)).toBeUndefined();
});

it.each([
  "npm test",
  "go test ./...",
  "a && b | c > d",
  "grep -r '—' docs",
  'echo "“quoted” … it’s"',
  "make prüfen",
  "echo 日本",
])("%j is taken as it is", (command) => {
  expect(typedCommandProblem(command)).toBeUndefined();
  expect(asTyped(command)).toBe(command);
});
