import type { Environment } from "../config/zones.ts";

/** How a person types a program with options: npm says which of its scripts runs; else it is `cody` itself. */
export function typedAs(program: "demo" | "start" | "doctor", env: Environment): string {
  const isByNpm = ["demo", "start", "doctor"].includes(env.npm_lifecycle_event ?? "");
  if (!isByNpm) return program === "demo" ? "cody" : `cody ${program}`;
  return program === "start" ? "npm start --" : `npm run ${program} --`;
}

/** The same command without options: then npm needs no dashes. */
export const withoutOptions = (typed: string) => typed.replace(/ --$/, "");
