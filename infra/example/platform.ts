import { type Environment, Stack, Stage, type StageProps } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
// From the package: `import { type Builds, Connections } from 'connections/cdk';`
import { type Builds, Connections } from '../index.ts';

/** Account and Region of the example. */
export const EU: Required<Environment> = { account: '123456789012', region: 'eu-central-1' };

/** Prefix of the domain of the users' sign-in page, unique in its Region. */
const SIGN_IN = 'platform-users';

/** Parts that the platform's team has already: a network with fixed addresses, users, a bus, a topic and keys. */
class PlatformStack extends Stack {
  readonly vpc = Vpc.fromVpcAttributes(this, 'Network', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: [`${EU.region}a`, `${EU.region}b`],
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
  });
  readonly userPool = new UserPool(this, 'Users', { signInAliases: { email: true } });
  readonly eventBus = new EventBus(this, 'Events', { eventBusName: 'platform' });
  readonly alarmTopic = new Topic(this, 'OnCall', { enforceSSL: true });
  readonly tableKey = new Key(this, 'TableKey', { enableKeyRotation: true });
  readonly secretsKey = new Key(this, 'SecretsKey', { enableKeyRotation: true });
  readonly messagesKey = new Key(this, 'MessagesKey', { enableKeyRotation: true });

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.userPool.addDomain('SignIn', { cognitoDomain: { domainPrefix: SIGN_IN } });
    this.alarmTopic.grantPublish(new ServicePrincipal('cloudwatch.amazonaws.com'));
  }
}

/** The flow engine. Its role refers to the API, so that it is not in the stack that the API depends on. */
class EngineStack extends Stack {
  readonly role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
}

interface PlatformProps extends StageProps {
  readonly builds?: Builds;
}

/** One deployment of the platform, of an app or of a pipeline. */
export class Platform extends Stage {
  readonly connections: Connections;

  constructor(scope: Construct, id: string, { builds, ...props }: PlatformProps) {
    super(scope, id, props);
    const { vpc, ...parts } = new PlatformStack(this, 'Platform');
    const { userPool, eventBus, alarmTopic, tableKey, secretsKey, messagesKey } = parts;
    this.connections = new Connections(this, 'Connections', {
      settings: {
        stage: 'live',
        // For the time in which users move from this issuer to the user pool.
        otherIssuers: [{ issuer: 'https://login.example.com/', audience: ['platform'] }],
        apiDomain: {
          name: 'api.example.com',
          certificateArn: `arn:aws:acm:${EU.region}:${EU.account}:certificate/1`,
        },
        allowedOrigins: ['https://app.example.com'],
        console: {
          issuerOrigins: [`https://${SIGN_IN}.auth.${EU.region}.amazoncognito.com`],
          domain: {
            name: 'connections.example.com',
            certificateArn: `arn:aws:acm:us-east-1:${EU.account}:certificate/2`,
          },
          webAclArn: `arn:aws:wafv2:us-east-1:${EU.account}:global/webacl/platform/3`,
        },
        throttling: {
          ...{ rate: 500, burst: 1_000 },
          engine: { rate: 1_000, burst: 2_000, reservedConcurrency: 100 },
        },
        logs: { level: 'INFO', retentionDays: 90 },
        credentials: { store: 'sealed', keyringReplicas: ['eu-west-1'] },
        backup: { copyTo: `arn:aws:backup:${EU.region}:210987654321:backup-vault:connections` },
        releases: { canaryMinutes: 10 },
        throttledKeys: true,
        telemetry: {
          layerArn: `arn:aws:lambda:${EU.region}:${EU.account}:layer:AWSOpenTelemetryDistroJs:9`,
          tracesEndpoint: 'https://traces.example.com/v1/traces',
          tracesHeaders: { secretName: 'platform/traces' },
        },
        notices: { emails: ['flows@example.com'] },
        webhook: { url: 'https://hooks.example.com/', secretName: 'platform/hooks', rate: 10 },
        alarmEmails: [],
        whenDeleted: 'keep',
        permissionsBoundary: `arn:aws:iam::${EU.account}:policy/boundary`,
        tags: { team: 'platform' },
      },
      ...{ userPool, eventBus, alarmTopic, tableKey, secretsKey, messagesKey },
      network: { vpc },
      ...(builds && { builds }),
    });
    this.connections.grantEngine(new EngineStack(this, 'Engine').role);
  }
}
