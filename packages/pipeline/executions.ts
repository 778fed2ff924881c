import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { type AwsConfig, awsOptions } from "../config/aws-options.ts";
import type { RoundRef } from "../jobs/execution.ts";
import { executionName } from "../jobs/ids.ts";

/** Step Functions as the pipeline uses it: one execution a round, named after it. */
export function createExecutions(deps: { sfn: SFNClient; stateMachineArn: string }) {
  const arnOf = ({ jobId, round }: RoundRef) =>
    `${deps.stateMachineArn.replace(":stateMachine:", ":execution:")}:${executionName(jobId, round)}`;

  return {
    /** The same name and input while it runs is a success on AWS; once it has ended, the name is refused for 90 days. */
    async start({ jobId, round }: RoundRef): Promise<string> {
      const input = JSON.stringify({ jobId, round });
      const name = executionName(jobId, round);
      try {
        const command = new StartExecutionCommand({ stateMachineArn: deps.stateMachineArn, name, input });
        return (await deps.sfn.send(command)).executionArn ?? arnOf({ jobId, round });
      } catch (error) {
        if (isNamed(error, "ExecutionAlreadyExists")) return arnOf({ jobId, round });
        throw error;
      }
    },

    /** "absent": never started, or forgotten (AWS after 90 days; one machine at every start). */
    async status(ref: RoundRef): Promise<"running" | "ended" | "absent"> {
      try {
        const { status } = await deps.sfn.send(new DescribeExecutionCommand({ executionArn: arnOf(ref) }));
        return status === "RUNNING" || status === "PENDING_REDRIVE" ? "running" : "ended";
      } catch (error) {
        if (isNamed(error, "ExecutionDoesNotExist")) return "absent";
        throw error;
      }
    },
  };
}

const isNamed = (error: unknown, name: string) => error instanceof Error && error.name === name;

type MachineConfig = AwsConfig & { AWS_ENDPOINT_URL_SFN?: string | undefined };

export const openMachine = (config: MachineConfig) => new SFNClient(awsOptions(config, config.AWS_ENDPOINT_URL_SFN));

export const openExecutions = (config: MachineConfig & { CODY_STATE_MACHINE_ARN: string }) =>
  createExecutions({ sfn: openMachine(config), stateMachineArn: config.CODY_STATE_MACHINE_ARN });
