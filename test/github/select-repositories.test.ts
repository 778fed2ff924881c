import { describe, expect, it } from "vitest";
import { selectRepositories } from "../../packages/github/select-repositories.ts";

const LIST = [
  { name: "acme/svc-b", language: "Java", topics: ["billing"], archived: false, description: "" },
  { name: "acme/svc-a", language: "Go", topics: [], archived: false, description: "" },
  { name: "acme/old", language: "Java", topics: ["billing"], archived: true, description: "" },
  { name: "other/app", language: "Java", topics: [], archived: false, description: "billing too" },
];

describe("repositories of a campaign", () => {
  it.each([
    ["acme/svc-*", ["acme/svc-a", "acme/svc-b"]],
    ["acme/svc-a, other/app", ["acme/svc-a", "other/app"]],
    ["java billing", ["acme/svc-b", "other/app"]],
    ["acme/* java", ["acme/svc-b"]],
  ])("%s names %j", (text, names) => expect(selectRepositories(LIST, text)).toEqual({ names }));

  it.each([
    ["acme/x-*", /fits acme\/x-\*/],
    ["acme/old", /archived ones are left out/],
    ["acme/* cobol", /fits “acme\/\* cobol”/],
    ["acme/", /not so: acme\//],
    ["*", /Say whose repositories/],
  ])("%s is answered by a sentence", (text, sentence) =>
    expect(selectRepositories(LIST, text)).toEqual({ problem: expect.stringMatching(sentence) }),
  );
});
