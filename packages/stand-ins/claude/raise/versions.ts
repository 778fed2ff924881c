/** `1.2.10` after `1.2.9`; a qualifier such as `-beta1` or `.RC2` before the plain version. Enough for "at least X". */
export function isAtLeast(version: string, least: string): boolean {
  const [a, b] = [parts(version), parts(least)];
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i++) {
    const difference = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return !a.qualified || b.qualified;
}

function parts(version: string) {
  const [, numbers = "", rest = ""] = /^[^\d]*(\d+(?:\.\d+)*)(.*)$/.exec(version) ?? [];
  return { numbers: numbers.split(".").map(Number), qualified: /^[-.]?(alpha|beta|rc|cr|m\d|snapshot)/i.test(rest) };
}
