import { writeFileSync } from "node:fs";
import type { Declaration } from "./declaration.ts";
import { SECTIONS } from "./variables.ts";

const HEAD =
  "# Every variable, one line each. None is needed on one machine: stand-ins play the services that have none.";

/** Longer names push their own comment aside, not all of them. */
const COLUMN = 25;

/** The text of `.env.example`. */
export const exampleFile = (): string =>
  [HEAD, ...Object.entries(SECTIONS).map(([title, variables]) => section(title, variables))].join("\n\n").concat("\n");

const section = (title: string, variables: Record<string, Declaration>) =>
  [`# ${title}`, ...Object.entries(variables).map(([name, declaration]) => line(name, declaration))].join("\n");

const line = (name: string, { means, default: otherwise }: Declaration) => {
  const tail = otherwise && otherwise !== "{}" && otherwise !== "0" ? `; default ${otherwise}` : "";
  return `${`${name}=`.padEnd(COLUMN)} # ${means}${tail}`;
};

/** `npm run example` */
if (import.meta.main) writeFileSync(new URL("../../.env.example", import.meta.url), exampleFile());
