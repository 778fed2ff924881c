import type { Ecosystem } from "../../config/registries.ts";

/** The one spelling of a package's name, as its registry compares names. */
function canonicalName(ecosystem: Ecosystem, name: string): string {
  switch (ecosystem) {
    case "pypi":
      return name.toLowerCase().replace(/[-_.]+/g, "-");
    case "cargo":
      return name.toLowerCase().replaceAll("_", "-");
    case "maven":
      return name.replaceAll("/", ".").replace(/\.+$/, "").toLowerCase();
    case "go":
      // golang.org/x/mod/module: a capital letter is written as ! and the small one.
      return name.replaceAll("!", "").toLowerCase();
    default:
      return name.toLowerCase();
  }
}

/** `reserved`: names, or all that begin so (`@acme/*`). A Maven group and a Go path reserve what is below them. */
export function isReserved(ecosystem: Ecosystem, name: string, reserved: readonly string[]): boolean {
  const below = ecosystem === "maven" ? "." : ecosystem === "go" ? "/" : undefined;
  const asked = canonicalName(ecosystem, name);
  return reserved.some((one) => {
    const whole = below === undefined ? one : one.replace(/[./]\*$/, "");
    if (whole.endsWith("*")) return asked.startsWith(canonicalName(ecosystem, whole.slice(0, -1)));
    const kept = canonicalName(ecosystem, whole);
    return asked === kept || (below !== undefined && asked.startsWith(kept + below));
  });
}
