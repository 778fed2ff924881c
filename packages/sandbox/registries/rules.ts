import {
  authorizationOf,
  type Ecosystem,
  type OwnRegistry,
  type RegistryCredentials,
} from "../../config/registries.ts";
import { isReserved } from "./names.ts";
import type { PublicRegistry } from "./public.ts";

/** A registry of the deployment, with what it wants to see. `path` begins and ends with a slash. */
export type PrivateRegistry = { ecosystem: Ecosystem; path: string; authorization?: string };

/** What a command may read from one host. `key`: as CONNECT must name it. */
export type HostRules = {
  key: string;
  host: string;
  port: number;
  /** Paths of a public registry. */
  open?: PublicRegistry;
  /** The longest path first. */
  own: readonly PrivateRegistry[];
};

export type RegistryRules = {
  hosts: ReadonlyMap<string, HostRules>;
  /** Names that the deployment's own registries keep for themselves. */
  isReserved(ecosystem: Ecosystem, name: string): boolean;
};

export function rulesOf(
  open: readonly PublicRegistry[],
  own: readonly OwnRegistry[],
  credentials: RegistryCredentials,
): RegistryRules {
  const hosts = new Map<string, HostRules>();
  for (const registry of open)
    hosts.set(`${registry.host}:443`, { ...placeOf(registry.host), open: registry, own: [] });
  for (const registry of own) {
    const place = placeOf(registry.host);
    const before = hosts.get(place.key) ?? { ...place, own: [] };
    const credential = registry.credential === undefined ? undefined : credentials.get(registry.credential);
    const { ecosystem, path } = registry;
    const one = { ecosystem, path, ...(credential !== undefined && { authorization: authorizationOf(credential) }) };
    hosts.set(place.key, { ...before, own: [...before.own, one].toSorted((a, b) => b.path.length - a.path.length) });
  }
  const reserved = Map.groupBy(own, ({ ecosystem }) => ecosystem);
  return {
    hosts,
    isReserved: (ecosystem, name) =>
      isReserved(
        ecosystem,
        name,
        (reserved.get(ecosystem) ?? []).flatMap(({ names }) => names),
      ),
  };
}

function placeOf(text: string) {
  const [host = "", port = "443"] = text.split(":");
  return { key: `${host}:${port}`, host, port: Number(port) };
}
