import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { resourceName } from '../../infra/naming.ts';
import type { Settings } from '../../infra/settings.ts';

/** Stacks that every stage has; the console's is optional. */
const STACKS = ['data', 'messages', 'api', 'operations'] as const;

/** A stack as CloudFormation knows it. */
interface DeployedStack {
  readonly name: string;
  /** Undefined where there is no such stack. */
  readonly status: string | undefined;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A resource that a stack of the stage created. */
export interface DeployedResource {
  readonly type: string;
  readonly logicalId: string;
  readonly physicalId: string;
}

/** A stage in an account and Region, as its stacks created it. */
export interface DeployedStage {
  readonly name: string;
  /** Undefined for a stage that is not in `infra/stages`. */
  readonly settings: Settings | undefined;
  readonly stacks: readonly DeployedStack[];
  readonly resources: readonly DeployedResource[];
  readonly clients: Clients;
}

/** Clients of the services that a stage uses. */
export type Clients = ReturnType<typeof openClients>;

/** Opens the clients. Credentials, Region and endpoints come from the SDK's environment variables. */
export function openClients(region: string | undefined) {
  const config = region === undefined ? {} : { region };
  return {
    cloudFormation: new CloudFormationClient(config),
    cloudWatch: new CloudWatchClient(config),
    dynamodb: new DynamoDBClient(config),
    eventBridge: new EventBridgeClient(config),
    lambda: new LambdaClient(config),
    secretsManager: new SecretsManagerClient(config),
    sns: new SNSClient(config),
    // By default the SDK takes the endpoint from a queue's address, which leads away from an emulator.
    sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
  };
}

/** Reads the stacks of a stage and their resources. */
export async function readStage(
  name: string,
  settings: Settings | undefined,
  clients: Clients,
): Promise<DeployedStage> {
  const names = [...STACKS, ...(settings?.console ? ['console'] : [])].map((stack) =>
    resourceName({ stage: name }, stack),
  );
  const stacks: DeployedStack[] = [];
  const resources: DeployedResource[] = [];
  for (const stackName of names) {
    const stack = await readStack(clients.cloudFormation, stackName);
    stacks.push(stack);
    if (stack.status !== undefined) resources.push(...(await readResources(clients, stackName)));
  }
  return { name, settings, stacks, resources, clients };
}

async function readStack(client: CloudFormationClient, name: string): Promise<DeployedStack> {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const outputs = (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [
      OutputKey,
      OutputValue,
    ]);
    return { name, status: stack?.StackStatus, outputs: Object.fromEntries(outputs) };
  } catch (error) {
    // CloudFormation's error for a stack that does not exist has no name of its own.
    if (error instanceof Error && /does not exist/.test(error.message)) {
      return { name, status: undefined, outputs: {} };
    }
    throw error;
  }
}

async function readResources({ cloudFormation: client }: Clients, StackName: string) {
  const resources: DeployedResource[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName })) {
    for (const resource of page.StackResourceSummaries ?? []) {
      const { ResourceType, LogicalResourceId, PhysicalResourceId, ResourceStatus } = resource;
      if (!ResourceType || !LogicalResourceId || !PhysicalResourceId) continue;
      if (ResourceStatus?.startsWith('DELETE_')) continue;
      resources.push({
        type: ResourceType,
        logicalId: LogicalResourceId,
        physicalId: PhysicalResourceId,
      });
    }
  }
  return resources;
}

/** Returns the resources of one type. */
export function resourcesOf({ resources }: DeployedStage, type: string): readonly DeployedResource[] {
  return resources.filter((resource) => resource.type === type);
}

/** Returns an output of any stack of the stage. */
export function outputOf({ stacks }: DeployedStage, key: string): string | undefined {
  return stacks.map(({ outputs }) => outputs[key]).find((value) => value !== undefined);
}

/** Returns the command that deploys all of a stage. */
export function deployCommand({ name }: Pick<DeployedStage, 'name'>): string {
  return `npx cdk deploy -c stage=${name} --all`;
}
