import { expect, it } from "vitest";
import { LOCAL_CHANNELS, localPeople } from "../../packages/local/stack/local-workspace.ts";
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
