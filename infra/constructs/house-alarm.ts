import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';

/** What an alarm says to whoever it wakes. */
export interface AlarmText {
  /** The section of docs/operations.md that tells more, by its anchor. */
  readonly page: string;
  /** What people who use the product notice. */
  readonly users: string;
  /** What to do first. */
  readonly action: string;
}

export interface HouseAlarmProps {
  readonly settings: Settings;
  readonly topic: ITopic;
  /** @default the page: one alarm tells it all */
  readonly name?: string;
  readonly text: AlarmText;
  readonly metric: IMetric;
  /** Where it goes off: above what may be, or below what must be. Below, measuring nothing is wrong too. */
  readonly limit: { readonly above: number } | { readonly below: number };
  /** @default 1; how many of its periods in a row, of which all must be beyond the limit */
  readonly periods?: number;
  /** Of a percentile: `ignore` where a few samples make none, so that one slow request wakes nobody. */
  readonly fewSamples?: 'ignore';
}

/** An alarm that says what it means to users and what to do, and says too when it is over. */
export class HouseAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: HouseAlarmProps) {
    const { settings, topic, text, name = text.page, metric, limit, periods = 1, fewSamples } = props;
    super(scope, id, {
      alarmName: resourceName(settings, name),
      alarmDescription: `For users: ${text.users} Do: ${text.action} See docs/operations.md#${text.page}`,
      metric,
      evaluationPeriods: periods,
      ...(fewSamples === 'ignore' && { evaluateLowSampleCountPercentile: fewSamples }),
      ...comparison(limit),
    });
    this.addAlarmAction(new SnsAction(topic));
    this.addOkAction(new SnsAction(topic));
  }
}

function comparison(limit: HouseAlarmProps['limit']) {
  return 'above' in limit
    ? {
        threshold: limit.above,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }
    : {
        threshold: limit.below,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.BREACHING,
      };
}
