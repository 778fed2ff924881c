import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import { ELSEWHERE, INSTALLERS, type Installer, PROGRAMS } from "./installers.ts";
import { isBelow, isSystem, SYSTEM_PATH, type Toolchains } from "./toolchains.ts";

export type Surroundings = {
  /** The PATH of the person who started us, or of the image. */
  PATH?: string | undefined;
  HOME?: string | undefined;
  JAVA_HOME?: string | undefined;
  /** INSTALLERS' own variables. */
  [variable: string]: string | undefined;
};

/**
 * The toolchains of this machine: those on PATH, and those that stand where their installers put them. `only`: exactly
 * these folders instead (CODY_PATH). In HOME nothing is taken but INSTALLERS, or what `only` names.
 */
export function findToolchains(surroundings: Surroundings, only?: readonly string[]): Toolchains {
  const home = surroundings.HOME ? normalize(surroundings.HOME).replace(/\/$/, "") : undefined;
  const places = home === undefined ? [] : placesOf(home, surroundings);
  const found = { path: new Set<string>(), shown: new Set<string>(), left: new Set<string>() };

  for (const folder of only ?? foldersOf(surroundings.PATH)) {
    const place = places.find(({ root }) => isBelow(folder, root));
    if (place) addBehind(place);
    if (place) add(place.shown.some((shown) => isBelow(folder, shown)) ? [folder] : place.programs, place.shown);
    else if (isSystem(folder)) found.path.add(folder);
    else if (only || !isOfPeople(folder, home)) add([folder], [rootOf(folder, home)]);
    else found.left.add(folder);
  }
  if (!only) {
    for (const folder of SYSTEM_PATH.split(":")) found.path.add(folder);
    for (const place of places) add(place.programs, place.shown);
    for (const folder of ELSEWHERE)
      if (existsSync(folder)) add([folder], isSystem(folder) ? [] : [rootOf(folder, home)]);
  }
  for (const folder of found.path)
    for (const target of PROGRAMS.map((name) => join(folder, name))
      .filter(existsSync)
      .map(real))
      if (!isSystem(target) && !isOfPeople(target, home)) found.shown.add(rootOf(dirname(target), home));
  const shown = [...found.shown];
  const isSeen = (path: string) => isSystem(path) || shown.some((one) => isBelow(path, one));
  return {
    path: [...found.path],
    shown: shown.filter((path) => !shown.some((other) => other !== path && isBelow(path, other))),
    variables: {
      ...Object.assign(
        {},
        ...places.filter((place) => place.shown.some((one) => shown.includes(one))).map(({ sets }) => sets),
      ),
      ...(surroundings.JAVA_HOME && isSeen(surroundings.JAVA_HOME) && { JAVA_HOME: surroundings.JAVA_HOME }),
    },
    left: [...found.left],
  };

  function addBehind({ behind }: FoundPlace) {
    for (const place of places) if (place.at === behind) add(place.programs, place.shown);
  }

  function add(path: readonly string[], shown: readonly string[]) {
    for (const one of path) found.path.add(one);
    for (const one of shown) found.shown.add(one);
  }
}

type FoundPlace = Pick<Installer, "at" | "behind"> & {
  root: string;
  programs: string[];
  shown: string[];
  sets: Record<string, string>;
};

function placesOf(home: string, surroundings: Surroundings): FoundPlace[] {
  return INSTALLERS.map(({ at, behind, variable, shows, programs, sets = {} }) => {
    const named = variable && surroundings[variable];
    const root = named && isAbsolute(named) ? normalize(named).replace(/\/$/, "") : join(home, at);
    const isThere = (path: string) => existsSync(path) && !isAbove(path, home);
    return {
      at,
      ...(behind !== undefined && { behind }),
      root,
      programs: existsSync(root)
        ? [...new Set(programs(root, home).map((path) => join(root, path)))].filter(isThere)
        : [],
      shown: shows.map((path) => join(root, path)).filter(isThere),
      sets: Object.fromEntries(Object.entries(sets).map(([name, path]) => [name, join(root, path)])),
    };
  }).filter(({ shown }) => shown.length > 0);
}

/** As a shell reads PATH, without what serves no command: npm's own additions, Windows' programs, snaps, virtual environments. */
const foldersOf = (path = "") =>
  path
    .split(":")
    .filter(isAbsolute)
    .map((folder) => normalize(folder).replace(/(?<=.)\/$/, ""))
    .filter((folder) => !/\/node_modules\/|\/node-gyp-bin$|^\/mnt\/[a-z]\/|^\/snap\//.test(folder))
    .filter((folder) => existsSync(folder) && !existsSync(join(folder, "../pyvenv.cfg")));

const isOfPeople = (folder: string, home: string | undefined) =>
  [folder, real(folder)].some(
    (path) =>
      /^\/(?:home|Users|root)(?:\/|$)/.test(path) ||
      (home !== undefined && (isBelow(path, home) || isAbove(path, home))),
  );

const isAbove = (path: string, home: string) => isBelow(home, real(path)) || isBelow(home, path);

const real = (path: string) => (existsSync(path) ? realpathSync(path) : path);

/** /opt/maven for /opt/maven/bin: programs look beside their folder for the rest of them. */
function rootOf(folder: string, home: string | undefined): string {
  const above = dirname(folder);
  const isInstallation =
    basename(folder) === "bin" &&
    dirname(above) !== "/" &&
    ["lib", "libexec", "Cellar"].some((name) => existsSync(join(above, name))) &&
    !existsSync(join(above, ".git")) &&
    !(home !== undefined && (isAbove(above, home) || above === join(home, ".local")));
  return isInstallation ? above : folder;
}
