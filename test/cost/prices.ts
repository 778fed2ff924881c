/**
 * US dollars, us-east-1, Arm, no savings plan. Nothing is looked up when it runs: put new figures here, with their date.
 *
 * On PRICES_OF each was compared with a stored copy of the page that it names. "AWS" stands where the figure was on
 * AWS's own page; AWS draws most tables with a script, and then the figure is that of others who copied the table, with
 * their date. None is from memory alone. Europe (Ireland) is up to a tenth dearer for Fargate, S3 and logs.
 */
export const PRICES_OF = "2026-11-25";
export const PRICES = {
  /** Standard workflows, a state entered. AWS: https://aws.amazon.com/step-functions/pricing/ */
  transition: 0.025 / 1_000,
  /** https://aws.amazon.com/lambda/pricing/ by cloudchipr.com, 2024 */
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  /** On demand, the dearer half: Work starts on Spot, up to 70 % cheaper. https://aws.amazon.com/fargate/pricing/ by vantage.sh */
  vcpuHour: 0.03238,
  memoryGbHour: 0.00356,
  /** Above the 20 GB that are free. */
  diskGbHour: 0.000111,
  /** https://aws.amazon.com/vpc/pricing/ by cloudburn.io, 2026-02 */
  publicAddressHour: 0.005,
  /** On demand, of 1 KB and of 4 KB, since November 2024. https://aws.amazon.com/dynamodb/pricing/on-demand/ by airbyte.com, 2025-07 */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** AWS: https://aws.amazon.com/dynamodb/pricing/, "from $0.25"; with point-in-time recovery, $0.20 by finops.com.py */
  tableGbMonth: 0.25 + 0.2,
  /** https://aws.amazon.com/s3/pricing/ by devnotes.tech and cloudburn.io, 2026-03 */
  put: 0.005 / 1_000,
  get: 0.0004 / 1_000,
  objectGbMonth: 0.023,
  /** To the internet; 100 GB a month are free. https://aws.amazon.com/ec2/pricing/on-demand/ by devnotes.tech */
  outGb: 0.09,
  /** HTTP API. https://aws.amazon.com/api-gateway/pricing/ by awsforengineers.com, 2025-05 */
  httpRequest: 1 / 1e6,
  /** https://aws.amazon.com/cloudwatch/pricing/ by factualminds.com, 2026-06, c3x.dev and signoz.io, 2026-02 */
  logGb: 0.5,
  alarmMonth: 0.1,
  metricMonth: 0.3,
  dashboardMonth: 3,
  /** AWS: https://aws.amazon.com/xray/pricing/ */
  trace: 5 / 1e6,
  /** Scheduler; 14 million a month are free. https://aws.amazon.com/eventbridge/pricing/ by cloudburn.io, 2026-03 */
  schedule: 1 / 1e6,
  /** https://aws.amazon.com/ecr/pricing/ by cloudburn.io, 2026-03 */
  imageGbMonth: 0.1,
} as const;
