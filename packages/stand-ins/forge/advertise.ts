import { readFileSync } from "node:fs";
import { join } from "node:path";
import { onceFor } from "./once-for.ts";
import { FLUSH, packetLine } from "./packet-lines.ts";
import { plainRefs } from "./refs.ts";
import { runGit } from "./run-git.ts";

const NO_COMMIT = "0".repeat(40);

/** What git said, by what it depends on. */
const said = new Map<string, Promise<Buffer>>();

/**
 * What `GET info/refs` says before a fetch or a push. In version 2 of the protocol a fetch is told what the server can do
 * and no branch, so repositories with the same settings say the same; before a push the refs stand in front of that. Git
 * is asked once for each, since a process for each look would be most of what a look costs.
 */
export async function advertise(folder: string, service: string, protocol: string): Promise<Buffer> {
  const args = [service.slice("git-".length), "--stateless-rpc", "--advertise-refs", "."];
  const says = () => runGit(folder, args, { environment: { GIT_PROTOCOL: protocol } });
  if (!isVersion2(protocol))
    return Buffer.concat([Buffer.from(packetLine(`# service=${service}\n`) + FLUSH), await says()]);
  const refs = service === "git-receive-pack" ? plainRefs(folder) : [];
  if (!refs) return says();
  const bytes = await onceFor(said, [service, protocol, readFileSync(join(folder, "config"), "latin1")], says);
  return service === "git-receive-pack" ? beforePush(refs, bytes) : bytes;
}

const isVersion2 = (protocol: string) => protocol.split(":").includes("version=2");

/** gitprotocol-pack: the first line names what the server can do; where there is no ref, one is made up for it. */
function beforePush(refs: readonly { name: string; sha: string }[], told: Buffer): Buffer {
  const [, able = ""] = /\0(.*)\n/.exec(told.toString("latin1")) ?? [];
  const named = refs.length > 0 ? refs : [{ name: "capabilities^{}", sha: NO_COMMIT }];
  const lines = named.map(({ name, sha }, at) => packetLine(`${sha} ${name}${at === 0 ? `\0${able}` : ""}\n`));
  return Buffer.from(lines.join("") + FLUSH);
}
