import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/** What functions are given access to. */
export interface Granted {
  readonly table: Pick<ITable, 'tableArn' | 'tableName'>;
  readonly tableKey: IKey;
  /** Every connection's secret is named below it. */
  readonly secretsPrefix: string;
  readonly secretsArn: string;
  readonly secretsKey: IKey;
  readonly checksQueue: Pick<IQueue, 'queueArn' | 'queueUrl'>;
  readonly bus: Pick<IEventBus, 'eventBusArn' | 'eventBusName'>;
  /** Only where the settings switch notices on. */
  readonly notices: Pick<ITopic, 'topicArn'> | undefined;
  readonly messagesKey: IKey;
  readonly region: string;
}
