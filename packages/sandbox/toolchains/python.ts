import { existsSync } from "node:fs";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * A machine's own Python takes no packages: Debian's refuses (PEP 668), and it is read-only here. So the first call of
 * pip makes a virtual environment in HOME, which lasts as long as HOME; until then python is the machine's own, with the
 * packages that it has. pip is copied, compiled files included: ensurepip takes ten times as long.
 */
const ENVIRONMENT = ".venv";
const OWN = ".cody/bin";

const SCRIPT = `#!/bin/sh
# Cody's: serves as python, python3, pip and pip3 until pip has made ~/${ENVIRONMENT}, which comes first in PATH.
venv=$HOME/${ENVIRONMENT}
base=$(IFS=:; for folder in $PATH; do
  case $folder in "$HOME/${OWN}" | "$venv/bin") continue ;; esac
  if [ -x "$folder/python3" ]; then echo "$folder/python3"; break; fi
done)
if [ -z "$base" ]; then echo "\${0##*/}: no python3 is in PATH" >&2; exit 127; fi
case \${0##*/} in
pip*) set -- -m pip "$@" ;;
*) if [ "$1 $2" != "-m pip" ] || [ -x "$venv/bin/pip" ]; then
  if [ -x "$venv/bin/pip" ]; then exec "$venv/bin/python" "$@"; fi
  exec "$base" "$@"
fi ;;
esac
if [ ! -x "$venv/bin/pip" ]; then
  site=$("$base" -c 'import os, pip; print(os.path.dirname(os.path.dirname(pip.__file__)))' 2>/dev/null)
  if [ -n "$site" ]; then
    "$base" -m venv --without-pip "$venv" && cp -a "$site"/pip "$site"/pip-*-info "$venv"/lib/python3*/site-packages/ || exit
    chmod -R u+w "$venv"
    for name in pip pip3; do
      printf '#!/bin/sh\\nexec "%s/bin/python" -m pip "$@"\\n' "$venv" >"$venv/bin/$name.$$"
      chmod +x "$venv/bin/$name.$$" && mv "$venv/bin/$name.$$" "$venv/bin/$name"
    done
  else
    "$base" -m venv "$venv" || exit
  fi
fi
exec "$venv/bin/python" "$@"
`;

/** Into a HOME that no command has seen yet. */
export async function addPython(home: string): Promise<void> {
  const folder = join(home, OWN);
  await mkdir(folder, { recursive: true });
  const script = join(folder, "python");
  await writeFile(script, SCRIPT);
  // Whatever the umask is: commands run as another user.
  for (const path of [join(home, ".cody"), folder, script]) await chmod(path, 0o755);
  for (const name of ["python3", "pip", "pip3"]) await symlink("python", join(folder, name));
}

export const hasPython = (path: readonly string[]) => path.some((folder) => existsSync(join(folder, "python3")));

/** The folders that come first in PATH where there is a Python; `home` as commands see it. */
export const pythonPath = (home: string) => [`${home}/${ENVIRONMENT}/bin`, `${home}/${OWN}`];

/** What uv and Poetry look at; they take one that is named and not there for a broken one. */
export const environmentOfPython = (home: { onMachine: string; inside: string }): Record<string, string> =>
  existsSync(join(home.onMachine, ENVIRONMENT, "pyvenv.cfg")) ? { VIRTUAL_ENV: `${home.inside}/${ENVIRONMENT}` } : {};
