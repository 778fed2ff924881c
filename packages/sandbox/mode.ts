import type { CommandProxy, ServeProxy } from "./command-proxy.ts";
import type { Folders } from "./folders.ts";
import type { EndingProcess, Start } from "./launch.ts";
import type { CommandNetwork, SandboxMode } from "./sandbox.ts";
import type { PlacedToolchains } from "./toolchains/placed.ts";

/** Nothing; servers and clients among its own processes; those and, through a proxy of the harness, the outside. */
type Network = "none" | "loopback" | CommandNetwork;

/** Those that have a proxy. */
export const outsideOf = ({ network }: SandboxedCommand): CommandNetwork | undefined =>
  network === "registries" || network === "any" ? network : undefined;

/** What serves each of them. */
export type Proxies = Record<CommandNetwork, ServeProxy>;

/** What is to be started inside. */
export type SandboxedCommand = {
  argv: readonly string[];
  env: Record<string, string>;
  /** git only: the private git dir is reachable. */
  withGitDir: boolean;
  network: Network;
  /** stderr joins stdout, so that the order of lines is kept. */
  joined: boolean;
  cpuSeconds: number;
};

/** The folders as a process inside sees them. */
type Mounts = { tree: string; gitDir: string; home: string; tmp: string };

/** One kind of sandbox: pure where it can be, the effects are starting, ending and watching. */
export type ModeBuild = {
  mode: SandboxMode;
  /** For the log: what is less than the mode's name says. */
  remark?: string;
  owner?: { uid: number; gid: number };
  mounts(folders: Folders): Mounts;
  toolchains: PlacedToolchains;
  /** `proxy`: open, for a process with network. */
  enter(folders: Folders, command: SandboxedCommand, proxy?: CommandProxy): Start;
  /** Before and after: opens and closes what only this process may reach. */
  around?<T>(folders: Folders, command: SandboxedCommand, work: (proxy?: CommandProxy) => Promise<T>): Promise<T>;
  /** Resolves when the process and everything that it started is gone. */
  endAll(pid: number, ending: EndingProcess): Promise<void> | void;
  /** Resident memory of everything that runs inside, in bytes. */
  memoryOf?(pid: number): number;
  /** Words on stderr that mean the sandbox itself could not be built. */
  brokenSandbox?: RegExp;
};
