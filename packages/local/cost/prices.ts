/**
 * US dollars, us-east-1, Arm, no free tier, no savings plan; AWS's public list prices as known on PRICES_OF. Nothing is
 * looked up: put new figures here, with their date.
 */
export const PRICES_OF = "2026-11-22";
export const PRICES = {
  /** Standard workflows, a state entered. https://aws.amazon.com/step-functions/pricing/ */
  transition: 0.025 / 1_000,
  /** https://aws.amazon.com/lambda/pricing/ */
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  /** On demand, the dearer half: Work starts on Spot, at about a third. https://aws.amazon.com/fargate/pricing/ */
  vcpuHour: 0.03238,
  memoryGbHour: 0.00356,
  /** Above the 20 GB that are free. */
  diskGbHour: 0.000111,
  /** https://aws.amazon.com/vpc/pricing/ */
  publicAddressHour: 0.005,
  /** On demand, of 1 KB and of 4 KB. https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** With point-in-time recovery. */
  tableGbMonth: 0.25 + 0.2,
  /** https://aws.amazon.com/s3/pricing/ */
  put: 0.005 / 1_000,
  get: 0.0004 / 1_000,
  objectGbMonth: 0.023,
  /** HTTP API. https://aws.amazon.com/api-gateway/pricing/ */
  httpRequest: 1 / 1e6,
  /** https://aws.amazon.com/cloudwatch/pricing/ */
  logGb: 0.5,
  alarmMonth: 0.1,
  /** https://aws.amazon.com/xray/pricing/ */
  trace: 5 / 1e6,
  /** https://aws.amazon.com/eventbridge/pricing/, Scheduler */
  schedule: 1 / 1e6,
  /** https://aws.amazon.com/ecr/pricing/ */
  imageGbMonth: 0.1,
} as const;
