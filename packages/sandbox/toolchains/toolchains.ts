/** The programs that commands may use besides the system's, and what has to be seen for them to run. */
export type Toolchains = {
  /** PATH of commands, in its order, as the machine names the folders. */
  path: readonly string[];
  /** Folders and files beyond the system's that are mounted for commands, read-only. */
  shown: readonly string[];
  /** Folders by the variables that their programs look at: RUSTUP_HOME, JAVA_HOME. */
  variables: Readonly<Record<string, string>>;
  /** Folders of the person's PATH that commands do not see, for the log. */
  left: readonly string[];
};

export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Every command sees these folders whole. */
export const isSystem = (path: string) => /^\/(usr|bin|sbin|lib|lib32|lib64|libx32)(\/|$)/.test(path);

export const SYSTEM_ALONE: Toolchains = { path: SYSTEM_PATH.split(":"), shown: [], variables: {}, left: [] };

/** Also what stands in this folder, at the end of PATH. */
export const withFolder = (toolchains: Toolchains, folder: string): Toolchains => ({
  ...toolchains,
  path: [...toolchains.path, ...(toolchains.path.includes(folder) ? [] : [folder])],
  shown: toolchains.shown.some((path) => isBelow(folder, path)) ? toolchains.shown : [...toolchains.shown, folder],
});

/** Without what `isOpen` says commands cannot read: a command's user may be another than ours. */
export function onlyOpen(toolchains: Toolchains, isOpen: (path: string) => boolean): Toolchains {
  const closed = toolchains.shown.filter((path) => !isOpen(path));
  const shown = toolchains.shown.filter((path) => !closed.includes(path));
  const isClosed = (path: string) =>
    closed.some((one) => isBelow(path, one) || isBelow(one, path)) && !shown.some((one) => isBelow(one, path));
  return {
    path: toolchains.path.filter((path) => !isClosed(path)),
    shown,
    variables: Object.fromEntries(Object.entries(toolchains.variables).filter(([, path]) => !isClosed(path))),
    left: [...toolchains.left, ...closed],
  };
}

export const isBelow = (path: string, folder: string) =>
  path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
