import { gzipSync } from "node:zlib";

/** A client that publishes, and a package that it takes for one. Hosts are those of the stand-in, and exist nowhere. */
export type Uploader = {
  client: string;
  program: string;
  files: Record<string, string | Uint8Array>;
  /** Fetches what the client itself needs, with the network of this machine. */
  prepare?: string;
  /** What the registry says, by path, in place of an empty object. */
  answers?: Record<string, string>;
  publish: string;
};

/** Made up. */
export const UPLOAD_TOKEN = "token-of-the-repository";
const MANIFEST = '{"name":"thing","version":"2.0.0"}\n';
const NPMRC = `registry=https://npm.example/\n//npm.example/:_authToken=${UPLOAD_TOKEN}\n`;
const NODE = { "package.json": MANIFEST, ".npmrc": NPMRC };

/** https://packaging.python.org/en/latest/specifications/source-distribution-format */
const SDIST = {
  "dist/thing-2.0.0.tar.gz": tarOf({
    "thing-2.0.0/PKG-INFO": "Metadata-Version: 2.1\nName: thing\nVersion: 2.0.0\n",
    "thing-2.0.0/thing.py": "",
  }),
};
const PYPI = "https://pypi.example/legacy/";

const MAVEN_SETTINGS = `<settings><servers><server><id>here</id><username>cody</username><password>${UPLOAD_TOKEN}</password></server></servers></settings>\n`;
const DEPLOY = "org.apache.maven.plugins:maven-deploy-plugin:3.1.2";
const LOCAL = "-Dmaven.repo.local=repository";

/** Debian's Gradle 4.4 cannot publish in Maven's form. */
const GRADLE = `apply plugin: 'ivy-publish'

publishing {
  publications {
    thing(IvyPublication) {
      organisation 'example'
      module 'thing'
      revision '2.0.0'
      artifact file('thing.jar')
    }
  }
  repositories {
    ivy {
      url 'https://maven.example/maven2/'
      credentials {
        username 'cody'
        password '${UPLOAD_TOKEN}'
      }
    }
  }
}
`;

const GEMSPEC = `Gem::Specification.new do |spec|
  spec.name = "thing"
  spec.version = "2.0.0"
  spec.summary = "A thing"
  spec.authors = ["Cody"]
  spec.license = "MIT"
  spec.homepage = "https://rubygems.example/thing"
  spec.files = []
end
`;

export const UPLOADERS: readonly Uploader[] = [
  { client: "npm", program: "npm", files: NODE, publish: "npm publish" },
  { client: "pnpm", program: "pnpm", files: NODE, publish: "pnpm publish --no-git-checks" },
  {
    client: "twine",
    program: "twine",
    files: SDIST,
    publish: `twine upload --non-interactive --repository-url ${PYPI} -u __token__ -p ${UPLOAD_TOKEN} dist/*`,
  },
  {
    client: "uv",
    program: "uv",
    files: SDIST,
    publish: `uv publish --publish-url ${PYPI} --token ${UPLOAD_TOKEN} dist/*`,
  },
  {
    client: "Cargo",
    program: "cargo",
    files: {
      "Cargo.toml":
        '[package]\nname = "thing"\nversion = "2.0.0"\nedition = "2021"\nlicense = "MIT"\ndescription = "A thing"\n',
      "src/lib.rs": "",
      ".cargo/config.toml": '[registries.here]\nindex = "sparse+https://cargo.example/"\n',
    },
    answers: { "/config.json": '{"dl":"https://cargo.example/crates","api":"https://cargo.example"}' },
    publish: `CARGO_REGISTRIES_HERE_TOKEN=${UPLOAD_TOKEN} cargo publish --registry here --no-verify --allow-dirty`,
  },
  {
    client: "Maven",
    program: "mvn",
    files: { "thing.jar": "PK", "settings.xml": MAVEN_SETTINGS },
    prepare: [
      `mvn -B -q ${LOCAL} ${DEPLOY}:help`,
      // To a folder, so that what an upload takes is there.
      `mvn -B -q ${LOCAL} ${DEPLOY}:deploy-file -Durl=file:away -Dfile=thing.jar -DgroupId=example -DartifactId=thing -Dversion=1.0.0`,
    ].join(" && "),
    publish: `mvn -B -s settings.xml ${LOCAL} ${DEPLOY}:deploy-file -Durl=https://maven.example/maven2/ -DrepositoryId=here -Dfile=thing.jar -DgroupId=example -DartifactId=thing -Dversion=2.0.0`,
  },
  {
    client: "Gradle",
    program: "gradle",
    files: { "build.gradle": GRADLE, "settings.gradle": "rootProject.name = 'thing'\n", "thing.jar": "PK" },
    publish: "gradle --no-daemon publish",
  },
  {
    client: "gem",
    program: "gem",
    files: { "thing.gemspec": GEMSPEC },
    prepare: "gem build --silent thing.gemspec",
    publish: `GEM_HOST_API_KEY=${UPLOAD_TOKEN} gem push --host https://rubygems.example thing-2.0.0.gem`,
  },
];

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
function tarOf(files: Record<string, string>): Uint8Array {
  const entries = Object.entries(files).flatMap(([name, text]) => {
    const head = Buffer.alloc(512);
    head.write(name);
    head.write("0000644\0", 100);
    head.write(`${text.length.toString(8).padStart(11, "0")}\0`, 124);
    head.write("        ", 148);
    head.write("0", 156);
    head.write("ustar\x0000", 257);
    const sum = head.reduce((all, byte) => all + byte, 0);
    head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(text.length / 512) * 512);
    body.write(text);
    return [head, body];
  });
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1_024)]));
}
