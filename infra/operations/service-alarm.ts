import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';
import type { AlarmText } from './alarm-texts.ts';

/** Properties of a {@link ServiceAlarm}. */
export interface ServiceAlarmProps {
  readonly settings: Settings;
  readonly topic: ITopic;
  readonly text: AlarmText;
  /** Alarm name without the stage's prefix. @default the text's page. */
  readonly name?: string;
  readonly metric: IMetric;
  /** The alarm goes off above or below this value. Missing data breaches `below` and never `above`. */
  readonly threshold: { readonly above: number } | { readonly below: number };
  /** Consecutive periods that must all breach the threshold. @default 1 */
  readonly periods?: number;
  /** Ignores periods with too few samples for the percentile of the metric. @default false */
  readonly ignoreFewSamples?: boolean;
}

/**
 * Alarm that publishes to a topic when it goes off and when it recovers; its description names the effect and
 * the first step.
 */
export class ServiceAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: ServiceAlarmProps) {
    const { settings, topic, text, name = text.page, metric, threshold, periods = 1 } = props;
    super(scope, id, {
      alarmName: resourceName(settings, name),
      alarmDescription: `For users: ${text.users} Do: ${text.action} See docs/operations.md#${text.page}`,
      metric,
      evaluationPeriods: periods,
      ...(props.ignoreFewSamples && { evaluateLowSampleCountPercentile: 'ignore' }),
      ...comparison(threshold),
    });
    this.addAlarmAction(new SnsAction(topic));
    this.addOkAction(new SnsAction(topic));
  }
}

function comparison(threshold: ServiceAlarmProps['threshold']) {
  return 'above' in threshold
    ? {
        threshold: threshold.above,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }
    : {
        threshold: threshold.below,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.BREACHING,
      };
}
