import { readFileSync } from "node:fs";
import { arch, platform, release } from "node:os";

/** What commands run on, in a few words: "Debian GNU/Linux 12 (bookworm), x64". */
export function operatingSystem(): string {
  return `${distribution() ?? `${platform()} ${release()}`}, ${arch()}`;
}

/** https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
function distribution(): string | undefined {
  try {
    return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  } catch {
    return undefined;
  }
}
