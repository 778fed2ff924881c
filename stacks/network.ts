import { settings } from "./settings.ts";

/**
 * Plain resources and not sst.aws.Vpc: that one adds a private DNS zone ($0.50 a month) and a default group open within
 * the network. Here nothing costs anything while no task runs, unless CODY_PRIVATE asks for NAT.
 */
const name = `${$app.name}-${$app.stage}`;
const region = aws.getRegionOutput().region;
/**
 * No Local Zones that an account has opted into, and none without Fargate:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html
 */
const zones = aws.getAvailabilityZonesOutput({
  state: "available",
  filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
  excludeZoneIds: ["apne1-az3", "use1-az3"],
}).names;

const vpc = new aws.ec2.Vpc("Network", {
  cidrBlock: "10.71.0.0/16",
  enableDnsSupport: true,
  enableDnsHostnames: true,
  tags: { Name: name },
});
/** Managed in order to be empty: whatever forgets to name a group reaches nothing. */
new aws.ec2.DefaultSecurityGroup("NetworkDefault", { vpcId: vpc.id, ingress: [], egress: [] });

const gateway = new aws.ec2.InternetGateway("NetworkGateway", { vpcId: vpc.id, tags: { Name: name } });
const publicRoutes = routes("Public", { gatewayId: gateway.id });
const publicSubnets = [0, 1].map((zone) => subnet("Public", zone, publicRoutes));

function routes(kind: string, target: { gatewayId: $util.Input<string> } | { natGatewayId: $util.Input<string> }) {
  return new aws.ec2.RouteTable(`${kind}Routes`, {
    vpcId: vpc.id,
    routes: [{ cidrBlock: "0.0.0.0/0", ...target }],
    tags: { Name: `${name}-${kind}` },
  });
}

function subnet(kind: "Public" | "Private", zone: number, table: aws.ec2.RouteTable) {
  const made = new aws.ec2.Subnet(`${kind}Subnet${zone + 1}`, {
    vpcId: vpc.id,
    availabilityZone: zones.apply((names) => names[zone]!),
    cidrBlock: `10.71.${(kind === "Public" ? 0 : 128) + zone * 16}.0/20`,
    tags: { Name: `${name}-${kind}${zone + 1}` },
  });
  new aws.ec2.RouteTableAssociation(`${kind}Route${zone + 1}`, { subnetId: made.id, routeTableId: table.id });
  return made;
}

/** One NAT gateway for both zones: a zone that fails stops tasks for a while, and no result is lost by that. */
function behindNat() {
  const address = new aws.ec2.Eip("NatAddress", { domain: "vpc", tags: { Name: name } });
  const nat = new aws.ec2.NatGateway("Nat", {
    allocationId: address.id,
    subnetId: publicSubnets[0]!.id,
    tags: { Name: name },
  });
  const privateRoutes = routes("Private", { natGatewayId: nat.id });
  return {
    subnets: [0, 1].map((zone) => subnet("Private", zone, privateRoutes)),
    tables: [publicRoutes, privateRoutes],
  };
}
const { subnets, tables } = settings.isPrivate ? behindNat() : { subnets: publicSubnets, tables: [publicRoutes] };

/** Gateway endpoints are free, and keep patches and rows off the internet and off NAT's bill. */
for (const service of ["S3", "DynamoDB"])
  new aws.ec2.VpcEndpoint(`${service}Endpoint`, {
    vpcId: vpc.id,
    vpcEndpointType: "Gateway",
    serviceName: $interpolate`com.amazonaws.${region}.${service.toLowerCase()}`,
    routeTableIds: tables.map((table) => table.id),
    tags: { Name: `${name}-${service}` },
  });

/** Tasks call out by HTTPS, and no call comes in. A registry or a GitHub server on another port needs its own rule. */
const tasks = new aws.ec2.SecurityGroup("TaskGroup", {
  description: "Cody Batch tasks: HTTPS out, nothing in",
  vpcId: vpc.id,
  ingress: [],
  egress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }],
  tags: { Name: `${name}-tasks` },
});

export const network = {
  vpcId: vpc.id,
  subnets: subnets.map((one) => one.id),
  securityGroups: [tasks.id],
  assignPublicIp: !settings.isPrivate,
};
