import type { NewRepository } from "../repositories.ts";
import { CODY_YML } from "./cody-yml.ts";

/** Gradle: was on log4j-core 2.14.1, has been on 2.24.3 since. Nothing is left to do. */
export const ledger: NewRepository = {
  name: "acme/ledger",
  description: "Keeps the books.",
  topics: ["java", "finance", "backend"],
  language: "Java",
  from: {
    commits: [
      {
        message: "Start the ledger\n",
        date: "2021-09-06T11:00:00Z",
        files: {
          "README.md": "# Ledger\n\nKeeps the books.\n\n    gradle test\n",
          ".gitignore": "build/\n.gradle/\n",
          "settings.gradle": "rootProject.name = 'ledger'\n",
          "build.gradle": buildGradle("2.14.1"),
          "src/main/java/com/acme/ledger/Ledger.java": LEDGER(),
        },
      },
      {
        message: "Raise log4j to 2.17.1 (CVE-2021-44228, CVE-2021-44832)\n",
        date: "2022-01-03T09:15:00Z",
        files: { "build.gradle": buildGradle("2.17.1") },
      },
      {
        message: "Raise log4j to 2.24.3\n",
        date: "2025-01-08T16:44:00Z",
        files: { "build.gradle": buildGradle("2.24.3") },
      },
      {
        message: "Check the build file without Gradle\n",
        date: "2025-02-03T08:10:00Z",
        files: { "checks/build.test.mjs": BUILD_TEST(), ".cody.yml": CODY_YML },
      },
    ],
  },
};

function buildGradle(log4j: string) {
  return `plugins {
    id 'java'
}

group = 'com.acme'
version = '3.1.0'

repositories {
    mavenCentral()
}

ext {
    log4jVersion = '${log4j}'
}

dependencies {
    implementation "org.apache.logging.log4j:log4j-api:$log4jVersion"
    implementation "org.apache.logging.log4j:log4j-core:$log4jVersion"
}
`;
}

function LEDGER() {
  return `package com.acme.ledger;

import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

public final class Ledger {
  private static final Logger LOG = LogManager.getLogger(Ledger.class);
  private final List<Long> cents = new ArrayList<>();

  public void book(long amount) {
    cents.add(amount);
    LOG.info("Booked {} cents, balance {}", amount, balance());
  }

  public long balance() {
    return cents.stream().mapToLong(Long::longValue).sum();
  }
}
`;
}

function BUILD_TEST() {
  return `import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const build = readFileSync(new URL('../build.gradle', import.meta.url), 'utf8');

test('every bracket of build.gradle is closed', () => {
  assert.equal(build.split('{').length, build.split('}').length);
});

test('every version that is used has a value', () => {
  const used = [...build.matchAll(/\\$\\{?(\\w+Version)/g)].map(([, name]) => name);
  assert.ok(used.length > 0);
  for (const name of used) assert.match(build, new RegExp(\`\${name} *= *'[^']+'\`));
});
`;
}
