import type { NewRepository } from "../repositories.ts";
import { CODY_YML } from "./cody-yml.ts";

/**
 * Maven: log4j-core 2.14.1 by a property and dependencyManagement, the version of CVE-2021-44228. `node --test` checks
 * the build file where there is no Java.
 */
export const orders: NewRepository = {
  name: "acme/orders",
  description: "Takes orders and tells the warehouse.",
  topics: ["java", "orders", "backend"],
  language: "Java",
  from: {
    commits: [
      {
        message: "Start the orders service\n",
        date: "2021-06-14T09:12:00Z",
        files: {
          "README.md": "# Orders\n\nTakes orders and tells the warehouse.\n\n    mvn -q verify\n",
          ".gitignore": "target/\n",
          "pom.xml": pom(""),
          "src/main/java/com/acme/orders/Order.java": ORDER(),
        },
      },
      {
        message: "Log every order with log4j 2\n",
        date: "2021-08-02T13:40:00Z",
        files: {
          "pom.xml": pom(LOG4J()),
          "src/main/java/com/acme/orders/OrderDesk.java": ORDER_DESK(),
          "src/main/resources/log4j2.xml": LOG4J_CONFIG(),
        },
      },
      {
        message: "Reject orders without lines\n",
        date: "2021-10-20T07:05:00Z",
        files: { "src/test/java/com/acme/orders/OrderTest.java": ORDER_TEST() },
      },
      {
        message: "Check the build file without Maven\n",
        date: "2021-11-02T10:30:00Z",
        files: { "checks/pom.test.mjs": POM_TEST(), ".cody.yml": CODY_YML },
      },
    ],
  },
};

function pom(log4j: string) {
  return `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>

  <groupId>com.acme</groupId>
  <artifactId>orders</artifactId>
  <version>1.4.0</version>

  <properties>
    <maven.compiler.release>11</maven.compiler.release>${log4j && "\n    <log4j2.version>2.14.1</log4j2.version>"}
    <junit.version>5.8.1</junit.version>
  </properties>
${log4j}
  <dependencies>${
    log4j &&
    `
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-api</artifactId>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-core</artifactId>
    </dependency>`
  }
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>\${junit.version}</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
</project>
`;
}

function LOG4J() {
  return `
  <dependencyManagement>
    <dependencies>
      <dependency>
        <groupId>org.apache.logging.log4j</groupId>
        <artifactId>log4j-api</artifactId>
        <version>\${log4j2.version}</version>
      </dependency>
      <dependency>
        <groupId>org.apache.logging.log4j</groupId>
        <artifactId>log4j-core</artifactId>
        <version>\${log4j2.version}</version>
      </dependency>
    </dependencies>
  </dependencyManagement>
`;
}

function ORDER() {
  return `package com.acme.orders;

import java.util.List;

public final class Order {
  private final String customer;
  private final List<String> lines;

  public Order(String customer, List<String> lines) {
    if (lines.isEmpty()) throw new IllegalArgumentException("An order needs at least one line.");
    this.customer = customer;
    this.lines = List.copyOf(lines);
  }

  public String customer() {
    return customer;
  }

  public List<String> lines() {
    return lines;
  }
}
`;
}

function ORDER_DESK() {
  return `package com.acme.orders;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

public final class OrderDesk {
  private static final Logger LOG = LogManager.getLogger(OrderDesk.class);

  public void take(Order order) {
    LOG.info("Order of {}: {} lines", order.customer(), order.lines().size());
  }
}
`;
}

function LOG4J_CONFIG() {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Appenders>
    <Console name="console">
      <PatternLayout pattern="%d{ISO8601} %-5level %logger{1} %msg%n"/>
    </Console>
  </Appenders>
  <Loggers>
    <Root level="info"><AppenderRef ref="console"/></Root>
  </Loggers>
</Configuration>
`;
}

function ORDER_TEST() {
  return `package com.acme.orders;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class OrderTest {
  @Test
  void anOrderNeedsALine() {
    assertThrows(IllegalArgumentException.class, () -> new Order("Harbour Cafe", List.of()));
  }
}
`;
}

function POM_TEST() {
  return `import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const pom = readFileSync(new URL('../pom.xml', import.meta.url), 'utf8');

test('every element of pom.xml is closed by its own end tag', () => {
  const open = [];
  for (const [, end, name, empty] of pom.matchAll(/<(\\/?)([\\w.:-]+)(?:\\s[^>]*?)?(\\/?)>/g)) {
    if (end) assert.equal(open.pop(), name);
    else if (!empty) open.push(name);
  }
  assert.deepEqual(open, []);
});

test('every property that is used has a value', () => {
  for (const [, name] of pom.matchAll(/\\$\\{([^}]+)\\}/g)) assert.match(pom, new RegExp(\`<\${name}>[^<]+</\${name}>\`));
});

test('the parts of log4j have one version', () => {
  const versions = [...pom.matchAll(/<artifactId>log4j-[a-z]+<\\/artifactId>\\s*<version>([^<]+)/g)].map(([, version]) => version);
  assert.equal(new Set(versions).size, 1);
});
`;
}
