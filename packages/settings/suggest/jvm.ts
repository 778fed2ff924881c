import { type BuildFiles, oneOf, type SuggestedBuild } from "../build-files.ts";

/** The wrapper of the repository before what is installed; a script that is not marked as a program still runs. */
const wrapped = ({ files, programs }: BuildFiles, wrapper: string, installed: string) =>
  !files.has(wrapper) ? installed : programs.has(wrapper) ? `./${wrapper}` : `sh ${wrapper}`;

/**
 * Methods of no name, in every class: all is compiled, and each plugin fetched that the check needs without network.
 * Surefire fetches what runs the tests only where some class remains, so a class of no name is not enough.
 */
const NO_TEST =
  "-Dtest='*#none' -Dsurefire.failIfNoSpecifiedTests=false -DfailIfNoTests=false -Dmaven.test.failure.ignore";

export function mavenBuild(files: BuildFiles): SuggestedBuild | undefined {
  if (!files.files.has("pom.xml")) return undefined;
  const maven = `${wrapped(files, "mvnw", "mvn")} -B -q`;
  return { from: "pom.xml", setup: `${maven} verify ${NO_TEST}`, check: `${maven} verify` };
}

export function gradleBuild(files: BuildFiles): SuggestedBuild | undefined {
  const from = oneOf(files, "build.gradle.kts", "build.gradle", "settings.gradle.kts", "settings.gradle");
  if (!from) return undefined;
  const gradle = `${wrapped(files, "gradlew", "gradle")} --no-daemon -q`;
  // The first one compiles, and says what is wrong. The second one fetches what only running tests needs, and fails
  // because it finds no test to run.
  const fetchAll = `{ ${gradle} --continue test --tests none >/dev/null 2>&1 || true; }`;
  return { from, setup: `${gradle} testClasses && ${fetchAll}`, check: `${gradle} test` };
}
