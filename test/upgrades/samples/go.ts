import { hostOf, runs, type Sample } from "../sample.ts";

const SOURCE = `// Package greeter greets in the language that a browser asks for.
package greeter

import "golang.org/x/text/language"

var greetings = language.NewMatcher([]language.Tag{language.English, language.German})

// Greeting answers an Accept-Language header.
func Greeting(header string) (string, error) {
	asked, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return "", err
	}
	if _, index, _ := greetings.Match(asked...); index == 1 {
		return "Hallo", nil
	}
	return "Hello", nil
}
`;

/** CVE-2022-32149: golang.org/x/text before 0.3.8 reads a header of any length. */
const TEST = `package greeter

import (
	"strings"
	"testing"
)

func TestGreetsInGerman(t *testing.T) {
	if greeting, err := Greeting("de-AT"); greeting != "Hallo" || err != nil {
		t.Fatal(greeting, err)
	}
}

func TestRefusesAHeaderOfManyParts(t *testing.T) {
	if _, err := Greeting(strings.Repeat("i-", 2_000)); err == nil || !strings.Contains(err.Error(), "exceeds") {
		t.Fatal(err)
	}
}
`;

const mod = (version: string) => `module example.com/shop/greeter

go 1.21

require golang.org/x/text ${version}
`;

const sum = (version: string, zip: string, ofMod: string) => `golang.org/x/text ${version} h1:${zip}=
golang.org/x/text ${version}/go.mod h1:${ofMod}=
`;

export const go: Sample = {
  client: "Go",
  needs: ["go"],
  hosts: [hostOf("go")],
  repository: "shop/greeter",
  files: {
    "go.mod": mod("v0.3.7"),
    "go.sum": sum(
      "v0.3.7",
      "olpwvP2KacW1ZWvsR7uQhoyTYvKAupfQrRGBFM352Gk",
      "u+2+/6zg+i71rQMx5EYifcz6MCKuco9NR6JIITiCfzQ",
    ),
    "greeter.go": SOURCE,
    "greeter_test.go": TEST,
  },
  steps: [runs("go get golang.org/x/text@v0.3.8 && go mod tidy")],
  after: {
    "go.mod": mod("v0.3.8"),
    "go.sum": sum(
      "v0.3.8",
      "nAL+RVCQ9uMn3vJZbV+MRnydTJFPf8qqY42YiA6MrqY",
      "E6s5w1FMmriuDzIBO73fBruAKo1PCIq6d2Q6DHfQ8WQ",
    ),
  },
};
