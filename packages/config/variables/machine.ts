import type { Declaration } from "../declaration.ts";
import { whole } from "../forms.ts";

export const MACHINE = {
  CODY_PORT: {
    means: "npm start: the first of six ports in a row for the stand-ins",
    // The five next to it are ports as well.
    value: whole("the number of a port", 65_530),
    zones: ["machine"],
    default: "4280",
    onAws: "never",
  },
} as const satisfies Record<string, Declaration>;
