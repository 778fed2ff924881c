import { type BuildFiles, oneOf, type SuggestedBuild, WRAPPERS } from "../build-files.ts";

type Wrapper = keyof typeof WRAPPERS;

/** Without one of its files a wrapper starts nothing; some repositories leave its jar out. */
function isWhole({ files }: BuildFiles, wrapper: Wrapper): boolean {
  const { folder, needs } = WRAPPERS[wrapper];
  return files.has(wrapper) && needs.every((need) => files.has(`${folder}/${need}`));
}

/** The wrapper of the repository before what is installed; a script that is not marked as a program still runs. */
const wrapped = (files: BuildFiles, wrapper: Wrapper, installed: string) =>
  !isWhole(files, wrapper) ? installed : files.programs.has(wrapper) ? `./${wrapper}` : `sh ${wrapper}`;

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
  // Its build names a version of Gradle, and what is installed is hardly that one.
  if (!from || (files.files.has("gradlew") && !isWhole(files, "gradlew"))) return undefined;
  const gradle = `${wrapped(files, "gradlew", "gradle")} --no-daemon -q`;
  // The first one compiles, and says what is wrong. The second one fetches what only running tests needs, and fails
  // because it finds no test to run.
  const fetchAll = `{ ${gradle} --continue test --tests none >/dev/null 2>&1 || true; }`;
  return { from, setup: `${gradle} testClasses && ${fetchAll}`, check: `${gradle} test` };
}
