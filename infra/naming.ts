import { OAUTH_CLIENTS_FOLDER } from '../shared/domain/terms.ts';
import type { Settings } from './settings.ts';

type Stage = Pick<Settings, 'stage'>;

/** Names a resource of a stage, unique in its account and region: `connections-prod-table`. */
export function resourceName({ stage }: Stage, name: string): string {
  return `connections-${stage}-${name}`;
}

/** Names the log group of a function: `/connections/prod/http/connections/rename`. */
export function functionLogGroup({ stage }: Stage, entry: string): string {
  return `/connections/${stage}/${entry}`;
}

/**
 * Names the log group of the API's access log. The `/aws/vendedlogs/` prefix spares the log group a statement
 * in CloudWatch Logs' resource policy, whose size is limited.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
 */
export function accessLogGroup({ stage }: Stage): string {
  return `/aws/vendedlogs/connections/${stage}/access`;
}

/** Lists name patterns that match every log group of a stage. */
export function logGroupPatterns(settings: Stage): readonly string[] {
  return [functionLogGroup(settings, '*'), accessLogGroup(settings)];
}

/** Returns the prefix of the name of every connection's secret in a stage. */
export function secretsPrefix({ stage }: Stage): string {
  return `connections/${stage}/`;
}

/** Returns the prefix of the name of every OAuth client's secret in a stage: apart from those of connections. */
export function oauthClientsPrefix({ stage }: Stage): string {
  return `${OAUTH_CLIENTS_FOLDER}${stage}/`;
}

/**
 * Returns the `service` of a stage's logs and custom metrics, which distinguishes the stages of an account.
 */
export function serviceName({ stage }: Stage): string {
  return `connections-${stage}`;
}

/** Returns the tags of every resource of a stage. `project` and `stage` take precedence over the stage's own tags. */
export function stageTags({ stage, tags }: Pick<Settings, 'stage' | 'tags'>): Record<string, string> {
  return { ...tags, project: 'connections', stage };
}

/** Names the export of the ARN of an index of a stage's own table: `connections-prod-table-index-checks`. */
export function indexExport(tableName: string, index: string): string {
  return `${tableName}-index-${index}`;
}
