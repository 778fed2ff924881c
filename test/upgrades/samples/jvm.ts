import { edits, hostOf, runs, type Sample } from "../sample.ts";

const SOURCE = `package shop;

import org.apache.commons.text.StringSubstitutor;

public final class Letter {
  private Letter() {}

  /** Fills what customers wrote. */
  public static String fill(String text) {
    return StringSubstitutor.createInterpolator().replace(text);
  }
}
`;

/** CVE-2022-42889: commons-text before 1.10 runs what a text names. */
const TEST = `package shop;

import static org.junit.Assert.assertEquals;

import org.junit.Test;

public class LetterTest {
  @Test
  public void aCustomerCannotMakeItReadAFile() {
    String text = "\${url:UTF-8:file:///etc/passwd}";
    assertEquals(text, Letter.fill(text));
  }
}
`;

const SOURCES = { "src/main/java/shop/Letter.java": SOURCE, "src/test/java/shop/LetterTest.java": TEST };

const pom = (version: string) => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example.shop</groupId>
  <artifactId>letters</artifactId>
  <version>1.4.0</version>
  <properties>
    <maven.compiler.source>8</maven.compiler.source>
    <maven.compiler.target>8</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.apache.commons</groupId>
      <artifactId>commons-text</artifactId>
      <version>${version}</version>
    </dependency>
    <dependency>
      <groupId>junit</groupId>
      <artifactId>junit</artifactId>
      <version>4.13.2</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
</project>
`;

export const maven: Sample = {
  client: "Maven",
  needs: ["mvn", "java"],
  hosts: [hostOf("maven")],
  repository: "shop/letters",
  files: { ".gitignore": "target/\n", "pom.xml": pom("1.9"), ...SOURCES },
  steps: [
    edits("pom.xml", "<version>1.9</version>", "<version>1.10.0</version>"),
    // What the check needs without network.
    runs("mvn -B -q test-compile", 600),
  ],
  after: { "pom.xml": pom("1.10.0") },
};

const build = (version: string) => `apply plugin: 'java'

repositories {
  mavenCentral()
}

dependencies {
  compile 'org.apache.commons:commons-text:${version}'
  testCompile 'junit:junit:4.13.2'
}
`;

export const gradle: Sample = {
  client: "Gradle",
  needs: ["gradle", "java"],
  hosts: [hostOf("maven", "repo1")],
  repository: "shop/letters-gradle",
  files: { ".gitignore": ".gradle/\nbuild/\n", "build.gradle": build("1.9"), ...SOURCES },
  steps: [
    edits("build.gradle", "commons-text:1.9", "commons-text:1.10.0"),
    runs("gradle --no-daemon -q testClasses", 600),
  ],
  after: { "build.gradle": build("1.10.0") },
};
