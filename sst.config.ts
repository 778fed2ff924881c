/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app: ({ stage }) => ({
    name: "cody-batch",
    home: "aws",
    removal: stage === "production" ? "retain" : "remove",
    protect: stage === "production",
    providers: {
      aws: {
        version: "7.20.0",
        ...(process.env.AWS_REGION && { region: process.env.AWS_REGION }),
        defaultTags: { tags: { app: "cody-batch", stage } },
      },
    },
  }),
  /** Problems and doctor first: they stop a deployment before it makes anything. Then as a job flows through them. */
  async run() {
    await import("./stacks/problems.ts");
    await import("./stacks/doctor.ts");
    await import("./stacks/storage.ts");
    await import("./stacks/network.ts");
    await import("./stacks/github.ts");
    await import("./stacks/runner.ts");
    await import("./stacks/pipeline.ts");
    await import("./stacks/sweeper.ts");
    const { api } = await import("./stacks/slack.ts");
    await import("./stacks/ended-badly.ts");
    await import("./stacks/alarms.ts");
    await import("./stacks/dashboard.ts");
    const { names } = await import("./stacks/outputs.ts");
    return {
      slackRequestUrl: $interpolate`${api.url}/slack/events`,
      health: $interpolate`${api.url}/health`,
      ...names,
    };
  },
});
