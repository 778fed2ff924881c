import { join } from "node:path";
import { NAMED_TOKENS } from "./environment.ts";

/** What clients must trust where the proxy ends their TLS, in the two forms that they read. */
export type Trust = { pem: string; javaStore: Uint8Array };

/** Read-only for commands, in a folder of their own. */
export type ClientFiles = Record<string, Uint8Array>;

const MAVEN_SETTINGS = "maven.xml";
const CA = "ca.pem";
const JAVA_STORE = "trust.jks";

export const clientFiles = (port: number, trust?: Trust): ClientFiles => ({
  [MAVEN_SETTINGS]: Buffer.from(mavenSettings(port)),
  ...(trust && { [CA]: Buffer.from(trust.pem), [JAVA_STORE]: trust.javaStore }),
});

/** Maven 3.9 looks for its proxy only here, Maven 3.8 among Java's own properties. */
const mavenSettings = (port: number) =>
  `<settings><proxies>${["http", "https"]
    .map(
      (scheme) =>
        `<proxy><id>${scheme}</id><protocol>${scheme}</protocol><host>127.0.0.1</host><port>${port}</port></proxy>`,
    )
    .join("")}</proxies></settings>\n`;

/**
 * Everything that package managers look at in a command with network. `folder`: where the client files are, as it is
 * seen inside.
 */
export function networkEnvironment(folder: string, port: number, files: ClientFiles): Record<string, string> {
  const proxy = `http://127.0.0.1:${port}`;
  const own = "localhost,127.0.0.1,::1";
  const java = ["http", "https"].map((scheme) => `-D${scheme}.proxyHost=127.0.0.1 -D${scheme}.proxyPort=${port}`);
  if (JAVA_STORE in files) java.push(`-Djavax.net.ssl.trustStore=${join(folder, JAVA_STORE)}`);
  return {
    ...{ http_proxy: proxy, https_proxy: proxy, HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
    ...{ no_proxy: own, NO_PROXY: own, NODE_USE_ENV_PROXY: "1" },
    // Yarn 4 reads no other variables.
    ...{ YARN_HTTP_PROXY: proxy, YARN_HTTPS_PROXY: proxy },
    ...{ GRADLE_OPTS: java.join(" "), MAVEN_OPTS: java.join(" ") },
    MAVEN_ARGS: `-gs ${join(folder, MAVEN_SETTINGS)}`,
    ...(CA in files && trusting(join(folder, CA))),
  };
}

/** Each client has a variable of its own. A file with our CA alone is enough: nothing else can be reached. */
const trusting = (ca: string): Record<string, string> => ({
  ...{ NODE_EXTRA_CA_CERTS: ca, npm_config_cafile: ca, YARN_HTTPS_CA_FILE_PATH: ca },
  ...{ SSL_CERT_FILE: ca, CURL_CA_BUNDLE: ca, REQUESTS_CA_BUNDLE: ca, PIP_CERT: ca },
  ...{ CARGO_HTTP_CAINFO: ca, GIT_SSL_CAINFO: ca },
  // They would only be refused: one posts a list of packages, the other asks for a page.
  ...{ npm_config_audit: "false", npm_config_fund: "false" },
  ...NAMED_TOKENS,
});
