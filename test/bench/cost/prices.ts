/** A price in USD, with the page that lists it. */
interface Price {
  readonly item: string;
  /** For one unit: a call, a request unit, a GB and month. */
  readonly usd: number;
  /** The price as the page writes it. */
  readonly text: string;
  readonly source: string;
}

const SECRETS = 'aws.amazon.com/secrets-manager/pricing';
const KMS = 'aws.amazon.com/kms/pricing';
const TABLE = 'aws.amazon.com/dynamodb/pricing/on-demand';
const LAMBDA = 'aws.amazon.com/lambda/pricing';
const EVENTS = 'aws.amazon.com/eventbridge/pricing';
const TOPICS = 'aws.amazon.com/sns/pricing';
const CLOUDWATCH = 'aws.amazon.com/cloudwatch/pricing';

/** List prices of us-east-1, looked up in November 2026, without free tiers and volume discounts. */
export const PRICES = {
  secret: {
    item: 'a secret, a month, by the hour; none while it waits to be deleted',
    usd: 0.4,
    text: '0.40',
    source: SECRETS,
  },
  secretCall: {
    item: 'call of Secrets Manager',
    usd: 0.05 / 10_000,
    text: '0.05 per 10,000',
    source: SECRETS,
  },
  key: { item: 'KMS key, a month', usd: 1, text: '1.00', source: KMS },
  keyCall: { item: 'call of KMS', usd: 0.03 / 10_000, text: '0.03 per 10,000', source: KMS },
  writeUnit: {
    item: 'DynamoDB write request unit',
    usd: 0.625 / 1e6,
    text: '0.625 per million',
    source: TABLE,
  },
  readUnit: {
    item: 'DynamoDB read request unit',
    usd: 0.125 / 1e6,
    text: '0.125 per million',
    source: TABLE,
  },
  storage: { item: 'DynamoDB storage, a GB and month', usd: 0.25, text: '0.25', source: TABLE },
  recovery: { item: 'point-in-time recovery, a GB and month', usd: 0.2, text: '0.20', source: TABLE },
  invocation: { item: 'invocation of Lambda', usd: 0.2 / 1e6, text: '0.20 per million', source: LAMBDA },
  gbSecond: {
    item: 'GB-second of Lambda on arm64',
    usd: 0.0000133334,
    text: '0.0000133334',
    source: LAMBDA,
  },
  queueRequest: {
    item: 'SQS request of up to 64 KB',
    usd: 0.4 / 1e6,
    text: '0.40 per million',
    source: 'aws.amazon.com/sqs/pricing',
  },
  event: {
    item: 'EventBridge event; a rule on a schedule is free of charge',
    usd: 1 / 1e6,
    text: '1.00 per million',
    source: EVENTS,
  },
  logGigabyte: { item: 'GB of logs', usd: 0.5, text: '0.50', source: CLOUDWATCH },
  alarm: { item: 'alarm on one metric, a month', usd: 0.1, text: '0.10', source: CLOUDWATCH },
  metric: {
    item: 'custom metric, a month, by the hours with data',
    usd: 0.3,
    text: '0.30',
    source: CLOUDWATCH,
  },
  dashboard: { item: 'dashboard, a month', usd: 3, text: '3.00', source: CLOUDWATCH },
  trace: {
    item: 'X-Ray trace, of one a second and 5 % of the rest',
    usd: 5 / 1e6,
    text: '5.00 per million',
    source: 'aws.amazon.com/xray/pricing',
  },
  httpRequest: {
    item: 'request of an HTTP API',
    usd: 1 / 1e6,
    text: '1.00 per million',
    source: 'aws.amazon.com/api-gateway/pricing',
  },
  archive: {
    item: 'GB of archived events, and a GB kept a month',
    usd: 0.123,
    text: '0.10, 0.023',
    source: EVENTS,
  },
  replay: { item: 'replayed event', usd: 1 / 1e6, text: '1.00 per million', source: EVENTS },
  apiDestination: {
    item: 'call of an API destination',
    usd: 0.2 / 1e6,
    text: '0.20 per million',
    source: EVENTS,
  },
  publish: { item: 'SNS publish', usd: 0.5 / 1e6, text: '0.50 per million', source: TOPICS },
  email: { item: 'SNS email', usd: 2 / 100_000, text: '2.00 per 100,000', source: TOPICS },
} as const satisfies Readonly<Record<string, Price>>;

/** The name of a price. */
export type PriceName = keyof typeof PRICES;
