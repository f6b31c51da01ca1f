import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { FunctionNetwork } from '../existing-parts.ts';
import { oauthClientsPrefix, secretsPrefix, stageTags } from '../naming.ts';
import type { Settings } from '../settings.ts';
import type { GrantTargets } from '../statements.ts';

/** Returns the code of a function, by its entry: `http/connections/rename`. */
export type CodeSource = (entry: string) => Code;

/** Settings and resources of a stage that its functions and its API share. */
export interface StageContext {
  readonly settings: Settings;
  readonly codeFor: CodeSource;
  readonly grantTargets: GrantTargets;
  readonly tableStreamArn: string;
  /** Network of the functions that call providers; undefined for none. */
  readonly network: FunctionNetwork | undefined;
  /** Properties of every log group. */
  readonly logs: Pick<LogGroupProps, 'retention' | 'encryptionKey' | 'removalPolicy'>;
  /** Removal policy of log groups and of the console's bucket. */
  readonly removalPolicy: RemovalPolicy;
}

/** Inputs of {@link createStageContext}; the other grant targets follow from the settings and the scope. */
interface StageContextProps
  extends Pick<StageContext, 'settings' | 'codeFor' | 'tableStreamArn' | 'network'>,
    Omit<
      GrantTargets,
      | 'secretsPrefix'
      | 'secretsArn'
      | 'secretsTags'
      | 'oauthClientsPrefix'
      | 'oauthClientsArn'
      | 'returnOrigins'
      | 'credentialStore'
      | 'providerCallsPerSecond'
      | 'providerCallRates'
      | 'providerRequestsPerMinute'
      | 'consoleUrl'
      | 'region'
    > {}

/** Creates the context of the constructs below a scope. */
export function createStageContext(scope: Construct, props: StageContextProps): StageContext {
  const { settings, codeFor, tableStreamArn, network, ...resources } = props;
  const { region, account, partition } = Stack.of(scope);
  const secretsArn = (prefix: string) =>
    `arn:${partition}:secretsmanager:${region}:${account}:secret:${prefix}*`;
  // Either way, a deployment that creates such a resource and fails removes it.
  const removalPolicy =
    settings.whenDeleted === 'keep' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
  return {
    settings,
    codeFor,
    grantTargets: {
      ...resources,
      secretsPrefix: secretsPrefix(settings),
      secretsArn: secretsArn(secretsPrefix(settings)),
      oauthClientsPrefix: oauthClientsPrefix(settings),
      oauthClientsArn: secretsArn(oauthClientsPrefix(settings)),
      returnOrigins: settings.allowedOrigins,
      secretsTags: stageTags(settings),
      credentialStore: settings.credentials.store,
      providerCallsPerSecond: settings.checks.callsPerSecond,
      providerCallRates: settings.checks.callsPerSecondOf,
      providerRequestsPerMinute: settings.throttling.providerRequestsPerMinute,
      consoleUrl: settings.notices?.linksTo,
      region,
    },
    tableStreamArn,
    network,
    logs: { retention: settings.logs.retentionDays, encryptionKey: resources.tableKey, removalPolicy },
    removalPolicy,
  };
}

/** Returns a context whose notices link to the stage's own console, unless the settings name another page. */
export function withConsole(context: StageContext, url: string): StageContext {
  const { grantTargets } = context;
  const { consoleUrl = url, returnOrigins } = grantTargets;
  return {
    ...context,
    grantTargets: { ...grantTargets, consoleUrl, returnOrigins: [url, ...returnOrigins] },
  };
}
