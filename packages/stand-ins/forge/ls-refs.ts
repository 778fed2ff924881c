import { FLUSH, packetLine } from "./packet-lines.ts";
import { branchOfHead, plainRefs } from "./refs.ts";

const KNOWN = /^(?:command=ls-refs|agent=.*|object-format=sha1|peel|symrefs|unborn|ref-prefix .*)$/;

/**
 * What git answers the first question of a fetch: which refs there are (gitprotocol-v2). undefined: git itself has to
 * answer.
 */
export function lsRefs(bare: string, lines: readonly string[]): string | undefined {
  if (!lines.includes("command=ls-refs") || !lines.every((line) => KNOWN.test(line))) return undefined;
  const [refs, head] = [plainRefs(bare), branchOfHead(bare)];
  if (!refs || head === undefined) return undefined;
  const prefixes = lines.flatMap((line) => (line.startsWith("ref-prefix ") ? [line.slice("ref-prefix ".length)] : []));
  const isAsked = (name: string) => prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix));
  const tip = refs.find(({ name }) => name === head)?.sha;
  const showsTarget = lines.includes("symrefs");
  const target = showsTarget ? ` symref-target:${head}` : "";
  const first = tip ?? (showsTarget && lines.includes("unborn") ? "unborn" : undefined);
  const answers = [
    ...(first !== undefined && isAsked("HEAD") ? [`${first} HEAD${target}`] : []),
    ...refs.filter(({ name }) => isAsked(name)).map(({ name, sha }) => `${sha} ${name}`),
  ];
  return answers.map((answer) => packetLine(`${answer}\n`)).join("") + FLUSH;
}
