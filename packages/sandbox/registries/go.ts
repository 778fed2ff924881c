import { ProxyRefusal } from "../proxy/connections.ts";
import type { RegistryHistory } from "./history.ts";
import { GO_MODULE_HOSTS } from "./public.ts";

type AskedModule = { name: string; version?: string; isLookup: boolean };

/**
 * The mirror and the checksum database fetch a module that they do not hold from the host in its very name, so that a
 * command could speak to any host by names. From hosts of others than the large services only what the mirror holds is
 * asked for, and the database only about what the mirror has just given out.
 */
export function goPath(asked: string, { name, version, isLookup }: AskedModule, history: RegistryHistory): string {
  if (isLarge(name)) return asked;
  if (!isLookup) return `/cached-only${asked}`;
  if (history.gaveOut(`${name}@${version}`)) return asked;
  throw new ProxyRefusal(
    404,
    `${name}@${version} is not looked up: the mirror of Go modules has not given it out before.`,
  );
}

const isLarge = (module: string) => GO_MODULE_HOSTS.some((host) => module === host || module.startsWith(`${host}/`));
