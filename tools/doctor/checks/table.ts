import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../../shared/adapters/aws/table/definition.ts';
import { compareIndexes, indexesOf } from '../../indexes/compare.ts';
import { type DeployedStage, resourcesOf } from '../deployed-stage.ts';
import { type Finding, problem, warning } from '../finding.ts';

/** Checks the table that serves: its state, its protection, and its indexes against their definition. */
export async function checkTable(stage: DeployedStage): Promise<readonly Finding[]> {
  const name = servingTable(stage);
  if (name === undefined) return [];
  const { dynamodb } = stage.clients;
  const { Table: table = {} } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
  return [
    ...stateFindings(name, table),
    ...(await backupFindings(stage, name)),
    ...(await expiryFindings(stage, name)),
    ...indexFindings(stage, table),
  ];
}

/** Returns the name of the table that functions use: the restored one of the settings, or the data stack's. */
function servingTable(stage: DeployedStage): string | undefined {
  const restored = stage.settings?.restoredTable?.arn;
  return restored?.split('/').at(-1) ?? resourcesOf(stage, 'AWS::DynamoDB::Table')[0]?.physicalId;
}

function stateFindings(name: string, table: TableDescription): readonly Finding[] {
  const update = `aws dynamodb update-table --table-name ${name}`;
  const { TableStatus, DeletionProtectionEnabled, StreamSpecification } = table;
  return [
    ...(TableStatus === 'ACTIVE'
      ? []
      : [problem(`the table is ${TableStatus}`, 'docs/operations.md#table-errors')]),
    ...(DeletionProtectionEnabled
      ? []
      : [problem('the table can be deleted', `${update} --deletion-protection-enabled`)]),
    ...(StreamSpecification?.StreamViewType === 'NEW_AND_OLD_IMAGES'
      ? []
      : [problem('the table has no stream of both images', 'docs/operations.md#restore-the-table')]),
  ];
}

async function backupFindings({ clients }: DeployedStage, name: string): Promise<readonly Finding[]> {
  const { ContinuousBackupsDescription } = await clients.dynamodb.send(
    new DescribeContinuousBackupsCommand({ TableName: name }),
  );
  const status =
    ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus ?? 'DISABLED';
  if (status === 'ENABLED') return [];
  const options =
    '--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays=35';
  return [
    problem(
      'the table cannot be restored to a point in time',
      `aws dynamodb update-continuous-backups --table-name ${name} ${options}`,
    ),
  ];
}

async function expiryFindings({ clients }: DeployedStage, name: string): Promise<readonly Finding[]> {
  const { TimeToLiveDescription } = await clients.dynamodb.send(
    new DescribeTimeToLiveCommand({ TableName: name }),
  );
  const { TimeToLiveStatus: status, AttributeName } = TimeToLiveDescription ?? {};
  if ((status === 'ENABLED' || status === 'ENABLING') && AttributeName === TABLE.ttl) return [];
  const options = `--time-to-live-specification Enabled=true,AttributeName=${TABLE.ttl}`;
  return [
    warning(
      'the table keeps items whose time is over',
      `aws dynamodb update-time-to-live --table-name ${name} ${options}`,
    ),
  ];
}

function indexFindings(stage: DeployedStage, table: TableDescription): readonly Finding[] {
  const { missing, changed, undeclared, inProgress } = compareIndexes(
    TABLE,
    indexesOf(table),
    stage.settings?.withoutIndexes,
  );
  const plan = `npm run indexes:plan -- --stage ${stage.name}`;
  return [
    ...missing.map(({ name }) => problem(`the table has no index ${name}`, plan)),
    ...changed.map(({ name }) => problem(`the index ${name} differs from its definition`, plan)),
    ...inProgress.map(({ name, status }) => warning(`the index ${name} is ${status}`, plan)),
    ...undeclared.map(({ name }) => warning(`the index ${name} is in no definition`, plan)),
  ];
}
