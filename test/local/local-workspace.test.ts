import { expect, it } from "vitest";
import { LOCAL_CHANNELS, localPeople } from "../../packages/local/stack/local-workspace.ts";
import { startScreen } from "../../packages/local/start-screen.ts";
import { createWorkspace } from "../../packages/stand-ins/slack/workspace.ts";

it("the local workspace says what each person may do, as CODY_ADMINS has it", () => {
  const rolesWith = (CODY_ADMINS?: string) => localPeople({ CODY_ADMINS }).map(({ called, role }) => [called, role]);
  const [admin, other] = [/^Starts jobs, decides about everyone's/, /^Starts jobs and decides about their own/].map(
    (words) => expect.stringMatching(words),
  );
  expect(rolesWith("U0REQUESTER")).toEqual([
    ["Maintainer", admin],
    ["Colleague", other],
  ]);
  expect(rolesWith("U0OTHER, U0SECOND")).toEqual([
    ["Maintainer", other],
    ["Colleague", admin],
  ]);
  expect(rolesWith()).toEqual([
    ["Maintainer", other],
    ["Colleague", other],
  ]);
});

it("ids stay those of kept state, and a kept channel has the name of today", () => {
  const kept = { id: "C0ELSEWHERE", name: "elsewhere", kind: "public" as const, members: ["U0SECOND", "U0CODYBOT"] };
  const journal = { entries: [{ key: kept.id, kind: "channel" as const, channel: kept }], append: () => {} };
  const workspace = createWorkspace(
    { appName: "Cody", people: localPeople({}), channels: LOCAL_CHANNELS },
    journal as never,
    Date.now,
  );
  expect(workspace.people.map(({ id, handle, name }) => [id, handle, name])).toEqual([
    ["U0REQUESTER", "requester", "Maintainer"],
    ["U0SECOND", "second", "Colleague"],
  ]);
  expect(workspace.channel("C0ELSEWHERE")).toMatchObject({ ...kept, name: "another-team" });
  expect(workspace.channel("#another-team")?.purpose).toMatch(/^Cody is not a member/);
});

it("the terminal welcomes: what Cody is, three things to try, who one may be, where it is and how it ends", () => {
  const people = localPeople({ CODY_ADMINS: "U0REQUESTER" });
  const journal = { entries: [], append: () => {} };
  const { people: shown } = createWorkspace(
    { appName: "Cody", people, channels: LOCAL_CHANNELS },
    journal as never,
    Date.now,
  );
  const up = {
    services: [
      { name: "Slack", real: false, where: "http://127.0.0.1:4280" },
      { name: "GitHub", real: true, where: "https://github.com" },
    ],
    env: {},
    stocked: ["acme/orders", "acme/gateway"],
    claude: { url: "" } as never,
    slack: { pageUrl: () => "http://127.0.0.1:4280/?key=k", workspace: { people: shown } },
    forge: { pageUrl: "http://127.0.0.1:4281/?key=k" },
  };
  expect(startScreen(up, "/home/me/cody/.cody").split("\n")).toEqual([
    "Cody Batch is up.",
    "",
    "  Slack           stand-in  http://127.0.0.1:4280",
    "  GitHub          real      https://github.com",
    "",
    "Cody does one thing in up to five repositories at once. Here are acme/orders and acme/gateway. Try:",
    expect.stringMatching(/^ {2}1\. \/cody Raise log4j-core/),
    expect.stringMatching(/^ {2}2\. \/cody .*"Ask first"/),
    expect.stringMatching(/^ {2}3\. a reply in the thread/),
    expect.stringMatching(/^The model is scripted: .*ANTHROPIC_API_KEY makes it real\.$/),
    "In the page you choose who you are:",
    expect.stringMatching(/^ {2}Maintainer: Starts jobs, decides about everyone's/),
    expect.stringMatching(/^ {2}Colleague: Starts jobs and decides about their own/),
    "",
    "Open http://127.0.0.1:4280/?key=k",
    "",
    expect.stringMatching(/^State: \/home\/me\/cody\/\.cody \(logs: .*\)\. Stop with Ctrl-C/),
  ]);
  const real = startScreen({ ...up, slack: undefined, claude: undefined, env: { GITHUB_TOKEN: "t" } }, "/s");
  expect(real).toMatch(/Type \/cody in your workspace\.\nOpen http:\S+ once; then .*\nWarning: GITHUB_TOKEN/);
  expect(real).not.toMatch(/scripted|choose who you are/);
});
