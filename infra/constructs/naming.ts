import type { Settings } from '../settings.ts';

type Staged = Pick<Settings, 'stage'>;

/** The name of something in a stage, within the account and region. */
export function nameIn({ stage }: Staged, part: string): string {
  return `connections-${stage}-${part}`;
}

/** The log group of a function, by its entry. */
export function functionLog({ stage }: Staged, entry: string): string {
  return `/connections/${stage}/${entry}`;
}

/**
 * The log group of the API's access log. Only below this prefix can API Gateway write to any number of groups.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
 */
export function accessLog({ stage }: Staged): string {
  return `/aws/vendedlogs/connections/${stage}/access`;
}

/** Patterns of all log groups of a stage. */
export function logGroups(settings: Staged): readonly string[] {
  return [functionLog(settings, '*'), accessLog(settings)];
}

/** What the names of all secrets of a stage begin with. */
export function secretsPrefix({ stage }: Staged): string {
  return `connections/${stage}/`;
}

/** What a stage calls itself in its logs and its own metrics, of which an account may hold several. */
export function serviceName({ stage }: Staged): string {
  return `connections-${stage}`;
}
