import { expect, it } from "vitest";
import { OPEN_FORM } from "../../packages/views/welcome.ts";
import { answerTo } from "../../slack/interactions/direct-message.ts";
import { historyWorld, homeAfter, modalSaying } from "./history-world.ts";

const world = historyWorld();
/** What we said to a person directly. */
const saidTo = (person: typeof world.requester) =>
  world.workspace.slack.workspace
    .channels()
    .filter(({ kind, user }) => kind === "im" && user === person.id)
    .flatMap(({ id }) => world.workspace.slack.workspace.messages(id))
    .filter(({ bot_id }) => bot_id !== undefined);

it("a person is welcomed at their first Home, once", async () => {
  const { requester, second } = world;
  await homeAfter(requester, () => requester.openHome());
  await expect
    .poll(() => saidTo(requester).map(({ text }) => text))
    .toEqual([expect.stringContaining("Welcome to Cody")]);
  await homeAfter(requester, () => requester.openHome());
  await homeAfter(second, () => second.openHome());
  await expect.poll(() => saidTo(second)).toHaveLength(1);
  expect(saidTo(requester)).toHaveLength(1);
});

it("a direct message is answered, and what an app says is not", async () => {
  const { requester } = world;
  const { slack } = world.workspace;
  const direct = slack.workspace.openDirectMessage(requester.id).id;
  const tellUs = (text: string) => requester.say(text, { channel: direct });
  tellUs("hi");
  await expect.poll(() => saidTo(requester).at(-1)?.text).toContain("Hello. Write");
  expect(JSON.stringify(saidTo(requester)[0]!.blocks)).toContain("Run Cody on this");
  tellUs("thanks, looks great!");
  tellUs("Raise log4j-core in acme/orders");
  await expect.poll(() => saidTo(requester)).toHaveLength(2);
  const offer = saidTo(requester).at(-1)!;
  await requester.click(offer.ts, OPEN_FORM);
  await modalSaying(requester, "Repositories");
  expect(JSON.stringify((await requester.modal()).view.blocks)).toContain("Raise log4j-core in acme/orders");
  expect(slack.workspace.messages("C0CODY")).toEqual([]);
});

it.each([
  ["hi", "help"],
  ["Hello!", "help"],
  ["help", "help"],
  ["", "help"],
  ["thanks, looks great!", undefined],
  [":tada: +1", undefined],
  ["Pin the actions of acme/orders", "form"],
  ["Help me to raise spring-core", "form"],
])("%j is answered with: %s", (words, answer) => {
  expect(answerTo(words)).toBe(answer);
});
