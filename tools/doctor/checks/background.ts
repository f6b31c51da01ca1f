import { DescribeRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetAccountSettingsCommand, GetEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { type DeployedStage, resourcesOf } from '../deployed-stage.ts';
import { type Finding, problem, warning } from '../finding.ts';

/** Executions that requests should find free: 2,000 pages of 50 ms a second (docs/scale.md). */
const REQUEST_EXECUTIONS = 100;

/** Checks that every rule is enabled: those of schedules, and those of events. */
export async function checkRules(stage: DeployedStage): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { physicalId } of resourcesOf(stage, 'AWS::Events::Rule')) {
    const { Name, EventBusName } = ruleOf(physicalId);
    const { State } = await stage.clients.eventBridge.send(new DescribeRuleCommand({ Name, EventBusName }));
    if (State !== 'DISABLED') continue;
    const bus = EventBusName === undefined ? '' : ` --event-bus-name ${EventBusName}`;
    findings.push(problem(`the rule ${Name} is disabled`, `aws events enable-rule --name ${Name}${bus}`));
  }
  return findings;
}

/** Parses the physical id of a rule: `<bus>|<name>`, without the bus for the default one. */
function ruleOf(physicalId: string): { readonly Name: string; readonly EventBusName: string | undefined } {
  const [first = '', second] = physicalId.split('|');
  return second === undefined
    ? { Name: first, EventBusName: undefined }
    : { Name: second, EventBusName: first };
}

/** Checks that functions receive the records of the table's stream and the messages of the queue. */
export async function checkMappings(stage: DeployedStage): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const mapping of await mappingsOf(stage)) {
    const { UUID = '', State, FunctionArn = '', LastProcessingResult = '' } = mapping;
    const fn = FunctionArn.split(':function:').at(-1);
    if (State === 'Disabled' || State === 'Disabling') {
      const command = `aws lambda update-event-source-mapping --enabled --uuid ${UUID}`;
      findings.push(problem(`the event source of ${fn} is disabled`, command));
    } else if (LastProcessingResult.startsWith('PROBLEM')) {
      const page = 'docs/operations.md#function-errors';
      findings.push(problem(`the event source of ${fn} reports ${LastProcessingResult}`, page));
    }
  }
  return findings;
}

async function mappingsOf(stage: DeployedStage) {
  const { lambda } = stage.clients;
  return Promise.all(
    resourcesOf(stage, 'AWS::Lambda::EventSourceMapping').map(({ physicalId: UUID }) =>
      lambda.send(new GetEventSourceMappingCommand({ UUID })),
    ),
  );
}

/**
 * Checks the account's concurrent executions against those of the background functions: each schedule and stream one, the
 * check worker its maximum. The rest is for requests.
 */
export async function checkConcurrency(stage: DeployedStage): Promise<readonly Finding[]> {
  const { AccountLimit } = await stage.clients.lambda.send(new GetAccountSettingsCommand({}));
  const limit = AccountLimit?.ConcurrentExecutions;
  if (limit === undefined) return [];
  const mappings = await mappingsOf(stage);
  const rules = resourcesOf(stage, 'AWS::Events::Rule').length;
  const background =
    rules + mappings.reduce((sum, { ScalingConfig }) => sum + (ScalingConfig?.MaximumConcurrency ?? 1), 0);
  const left = limit - background;
  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  const request =
    'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000';
  const text = `of ${limit} concurrent executions of the account, schedules, streams and checks take up to ${background}`;
  if (left <= 0) {
    return [
      problem(`${text}, which leaves none for requests`, `set checks.concurrency: 2, deploy, and ${request}`),
    ];
  }
  return left < REQUEST_EXECUTIONS ? [warning(`${text}, which leaves ${left} for requests`, request)] : [];
}
