import { type IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Operation } from 'aws-cdk-lib/aws-dynamodb';
import type { ApiStack } from '../stacks/api.ts';
import type { DataStack } from '../stacks/data.ts';

/** An alarm looks at no more metrics at once. */
const MOST_METRICS = 10;

/** Of fewer requests in a period, the percentage is of so many: one failure at night is none, two are. */
const ENOUGH_REQUESTS = 20;

const { BATCH_GET_ITEM, DELETE_ITEM, GET_ITEM, PUT_ITEM, QUERY, TRANSACT_WRITE_ITEMS, UPDATE_ITEM } =
  Operation;
const OPERATIONS = [
  BATCH_GET_ITEM,
  DELETE_ITEM,
  GET_ITEM,
  PUT_ITEM,
  QUERY,
  TRANSACT_WRITE_ITEMS,
  UPDATE_ITEM,
];

/** What is measured, for alarms and dashboard alike. */
export class Measures {
  readonly requests: IMetric;
  readonly clientErrors: IMetric;
  readonly serverErrors: IMetric;
  readonly serverErrorPercent: IMetric;
  /** The slowest hundredth, in milliseconds. */
  readonly latency: IMetric;
  /** Of all functions, in as few sums as an alarm can watch. */
  readonly throttles: readonly IMetric[];
  readonly tableThrottles: IMetric;
  readonly tableErrors: IMetric;

  constructor({ table }: DataStack, { api: { api }, functions }: ApiStack) {
    this.requests = api.metricCount({ statistic: Stats.SUM });
    this.clientErrors = api.metricClientError();
    this.serverErrors = api.metricServerError();
    this.serverErrorPercent = new MathExpression({
      expression: `100 * errors / IF(requests > ${ENOUGH_REQUESTS}, requests, ${ENOUGH_REQUESTS})`,
      usingMetrics: { errors: this.serverErrors, requests: this.requests },
      label: 'Requests that fail, in percent',
    });
    this.latency = api.metricLatency({ statistic: Stats.p(99) });
    this.throttles = inTens(functions.map((by) => by.metricThrottles())).map(sum);
    this.tableThrottles = table.metricThrottledRequestsForOperations({ operations: OPERATIONS });
    this.tableErrors = table.metricSystemErrorsForOperations({ operations: OPERATIONS });
  }
}

function inTens(metrics: readonly IMetric[]): readonly (readonly IMetric[])[] {
  const starts = metrics.keys().filter((index) => index % MOST_METRICS === 0);
  return [...starts.map((start) => metrics.slice(start, start + MOST_METRICS))];
}

function sum(metrics: readonly IMetric[], group: number): IMetric {
  const named = metrics.map((metric, index) => [`m${group}x${index}`, metric] as const);
  return new MathExpression({
    expression: named.map(([name]) => name).join(' + '),
    usingMetrics: Object.fromEntries(named),
    label: 'Throttled invocations',
  });
}
