import type { NewRepository } from "./repositories.ts";
import { gateway } from "./samples/gateway.ts";
import { ledger } from "./samples/ledger.ts";
import { orders } from "./samples/orders.ts";

/**
 * Three small services with real git history and fixed SHAs: a Maven service on log4j-core 2.14.1, a Node service on
 * minimist 1.2.5, and a Gradle service that needs nothing any more.
 */
export const SAMPLES: readonly NewRepository[] = [orders, gateway, ledger];

/** Repeat-safe: what is there already stays as it is. Gives the names in the order of SAMPLES. */
export async function addSamples(add: (repository: NewRepository) => Promise<{ name: string }>): Promise<string[]> {
  const names: string[] = [];
  for (const sample of SAMPLES) names.push((await add(sample)).name);
  return names;
}
