import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runGit } from "./run-git.ts";

export type Advertise = ReturnType<typeof createAdvertise>;

/**
 * What `GET info/refs` says before a fetch or a push. In version 2 of the protocol it names what the server can do and no
 * branch, so repositories with the same settings say the same: git is asked once, since a process for each look would be
 * most of what a look costs.
 */
export function createAdvertise() {
  const known = new Map<string, Promise<Buffer>>();
  return (folder: string, service: string, protocol: string): Promise<Buffer> => {
    const args = [service.slice("git-".length), "--stateless-rpc", "--advertise-refs", "."];
    const says = () => runGit(folder, args, { environment: { GIT_PROTOCOL: protocol } });
    if (!isVersion2(protocol)) return says().then((refs) => Buffer.concat([head(service), refs]));
    if (service !== "git-upload-pack") return says();
    const key = JSON.stringify([protocol, readFileSync(join(folder, "config"), "latin1")]);
    const said = known.get(key) ?? says();
    known.set(key, said);
    said.catch(() => known.delete(key));
    return said;
  };
}

const isVersion2 = (protocol: string) => protocol.split(":").includes("version=2");

/** A line of gitprotocol-common, with its length in front, and a flush. */
function head(service: string): Buffer {
  const line = `# service=${service}\n`;
  return Buffer.from(`${(line.length + 4).toString(16).padStart(4, "0")}${line}0000`);
}
