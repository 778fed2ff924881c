/** The public registries that commands may read from. No other file names their hosts. */
export const PUBLIC_HOSTS = [
  ...["registry.npmjs.org", "registry.yarnpkg.com"],
  ...["pypi.org", "files.pythonhosted.org"],
  ...["repo.maven.apache.org", "repo1.maven.org", "plugins.gradle.org", "plugins-artifacts.gradle.org"],
  ...["proxy.golang.org", "sum.golang.org"],
  ...["index.crates.io", "static.crates.io", "crates.io"],
];
