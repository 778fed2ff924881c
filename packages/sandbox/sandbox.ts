import type { Folders } from "./folders.ts";
import type { SandboxRemedy } from "./remedy.ts";

/** Shown in the log and on the card. */
export type SandboxMode = "bubblewrap" | "namespaces" | "own-uid" | "own-uid without sockets" | "unsafe" | "off";

/**
 * What a command may reach outside. "registries": package registries, to read from them alone. "any": every public host,
 * through a proxy that checks addresses; only for a setup command, where the deployment says so.
 */
export type CommandNetwork = "registries" | "any";

export type CommandRequest = {
  command: string;
  timeoutMs: number;
  /** Output kept: its head and its tail. */
  maxBytes: number;
  /** Absent: nothing outside. */
  network?: CommandNetwork;
  signal?: AbortSignal;
  /** Called once, when it starts: what it is given reads the output so far. */
  follow?: (soFar: () => string) => void;
};

export type CommandRun = {
  /** null: ended by us (see `ended`) or never started. */
  exitCode: number | null;
  timedOut: boolean;
  durationMs: number;
  /** stdout and stderr as they came, without terminal codes, head and tail kept. */
  output: string;
  /** Why we ended it; absent when it ended by itself. */
  ended?: EndedBy;
  /**
   * A sentence: why it could not be started, or why the sandbox had to give it up. Then the machine is at fault, and
   * not the command.
   */
  broken?: string;
};

export type EndedBy = "time" | "cancelled" | "output" | "memory" | "disk";

export type GitRequest = {
  stdin?: Uint8Array;
  /** Whose attributes decide about bytes; absent: our own, which leave every byte as it is. */
  attributes?: RepositoryAttributes;
  /** Another index than the work tree's own, by its name in the git dir. */
  index?: string;
  /** Stdout and stderr together; beyond it git is ended. */
  maxBytes?: number;
  timeoutMs?: number;
  signal?: AbortSignal;
};

/** The repository's own attributes: all of them, or without those that name an encoding. */
export type RepositoryAttributes = "attributes" | "attributes-without-encoding";

/** What stands between a command (or git on a tree that commands wrote) and the rest of the machine. */
export type Sandbox = {
  mode: SandboxMode;
  /** One line for the log: what was probed and why a stronger mode is not used. */
  note: string;
  /** Where commands are off: why, and one command that changes it. */
  remedy?: SandboxRemedy;
  /** Who owns the trees; absent: the user that runs us. */
  owner?: { uid: number; gid: number };
  /**
   * A fresh shell in the tree. When it returns or throws, every process of the command is gone. Throws when the mode is
   * "off".
   */
  run(folders: Folders, request: CommandRequest): Promise<CommandRun>;
  /** git on the tree with the private git dir; its stdout as bytes. Throws GitFailed. */
  git(folders: Folders, args: readonly string[], request?: GitRequest): Promise<Buffer>;
  /** A program without the git dir, quoting nothing: argv as given, stdout as bytes. */
  program(folders: Folders, argv: readonly string[], request?: GitRequest): Promise<Buffer>;
};
